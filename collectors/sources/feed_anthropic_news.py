"""Anthropic's newsroom since 2021, scraped into RSS: the longest of the recorded feeds (229 items)."""

from collectors.feeds import feed

SOURCE = feed(
    name="feed-anthropic-news",
    lab="Anthropic",
    url="https://raw.githubusercontent.com/Olshansk/rss-feeds/main/feeds/feed_anthropic_news.xml",
    title="Anthropic news",
    homepage="https://www.anthropic.com/news",
    recorder="Olshansk/rss-feeds",
)
