"""Google's developers blog on AI, scraped into RSS: the ten newest posts, some of them undated; no guid."""

from collectors.feeds import feed

SOURCE = feed(
    name="feed-google-ai",
    lab="Google",
    url="https://raw.githubusercontent.com/Olshansk/rss-feeds/main/feeds/feed_google_ai.xml",
    title="Google developers blog, AI",
    homepage="https://developers.googleblog.com/search/?technology_categories=AI",
    recorder="Olshansk/rss-feeds",
)
