"""Ollama's blog, scraped into RSS: when open weights can be run at home; Ollama is a distributor, not a lab."""

from collectors.feeds import feed

SOURCE = feed(
    name="feed-ollama",
    lab="Ollama",
    url="https://raw.githubusercontent.com/Olshansk/rss-feeds/main/feeds/feed_ollama.xml",
    title="Ollama blog",
    homepage="https://ollama.com/blog",
    recorder="Olshansk/rss-feeds",
)
