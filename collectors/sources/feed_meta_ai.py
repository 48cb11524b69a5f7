"""Meta's AI blog, scraped into RSS; a post's first date can be wrong (Muse Spark stood as of 2023 for a week)."""

from collectors.feeds import feed

SOURCE = feed(
    name="feed-meta-ai",
    lab="Meta",
    url="https://raw.githubusercontent.com/Olshansk/rss-feeds/main/feeds/feed_meta_ai.xml",
    title="AI at Meta blog",
    homepage="https://ai.meta.com/blog/",
    recorder="Olshansk/rss-feeds",
)
