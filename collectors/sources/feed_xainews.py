"""xAI's news, scraped into RSS, because x.ai refuses plain clients."""

from collectors.feeds import feed

SOURCE = feed(
    name="feed-xainews",
    lab="xAI",
    url="https://raw.githubusercontent.com/Olshansk/rss-feeds/main/feeds/feed_xainews.xml",
    title="xAI news",
    homepage="https://x.ai/news",
    recorder="Olshansk/rss-feeds",
)
