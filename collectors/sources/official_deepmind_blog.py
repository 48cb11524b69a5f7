"""Google DeepMind's own feed; feed-deepmind-blog is a scraper's look at the same blog.

No copy of it was recorded, so it answers on the live web alone.
"""

from collectors.feeds import feed

SOURCE = feed(
    name="official-deepmind-blog",
    lab="Google DeepMind",
    url="https://deepmind.google/blog/rss.xml",
    title="Google DeepMind blog, its own feed",
    homepage="https://deepmind.google/blog/",
)
