"""Mistral AI's news, scraped into RSS by a second recorder, since 2023; it re-dated three posts on 2026-06-04."""

from collectors.feeds import feed

SOURCE = feed(
    name="feed-mistral-news",
    lab="Mistral AI",
    url="https://raw.githubusercontent.com/alan-turing-institute/ai-rss-feeds/main/feeds/mistral-news.xml",
    title="Mistral AI news, second recorder",
    homepage="https://mistral.ai/news",
    recorder="alan-turing-institute/ai-rss-feeds",
)
