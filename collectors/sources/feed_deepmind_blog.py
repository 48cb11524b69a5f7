"""Google DeepMind's blog, scraped into RSS; many items lead to blog.google with tracking parameters."""

from collectors.feeds import feed

SOURCE = feed(
    name="feed-deepmind-blog",
    lab="Google DeepMind",
    url="https://raw.githubusercontent.com/leontloveless/ai-rss-feeds/main/feeds/deepmind-blog.xml",
    title="Google DeepMind blog",
    homepage="https://deepmind.google/blog/",
    recorder="leontloveless/ai-rss-feeds",
)
