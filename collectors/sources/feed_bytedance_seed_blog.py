"""ByteDance Seed's blog, scraped into Atom; times are midnights in Beijing, so 16:00 UTC is the next day there.

Twice (2025-12-28, 2026-03-01) it held an item without a title that pointed to the blog itself.
"""

from datetime import timedelta, timezone

from collectors.feeds import feed

SOURCE = feed(
    name="feed-bytedance-seed-blog",
    lab="ByteDance Seed",
    url="https://raw.githubusercontent.com/mibuhand/AI-News-Direct/main/feeds/bytedance_seed_blog.xml",
    title="ByteDance Seed blog",
    homepage="https://seed.bytedance.com/en/blog",
    zone=timezone(timedelta(hours=8)),
    recorder="mibuhand/AI-News-Direct",
)
