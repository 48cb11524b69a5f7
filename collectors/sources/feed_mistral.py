"""Mistral AI's news, scraped into RSS by the recorder of most feeds here; feed-mistral-news is the second look."""

from collectors.feeds import feed

SOURCE = feed(
    name="feed-mistral",
    lab="Mistral AI",
    url="https://raw.githubusercontent.com/Olshansk/rss-feeds/main/feeds/feed_mistral.xml",
    title="Mistral AI news",
    homepage="https://mistral.ai/news",
    recorder="Olshansk/rss-feeds",
)
