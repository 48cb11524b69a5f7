"""Cohere's blog, scraped into RSS; its links say /blog/blog/ and are kept as written."""

from collectors.feeds import feed

SOURCE = feed(
    name="feed-cohere-blog",
    lab="Cohere",
    url="https://raw.githubusercontent.com/alan-turing-institute/ai-rss-feeds/main/feeds/cohere-blog.xml",
    title="Cohere blog",
    homepage="https://cohere.com/blog",
    recorder="alan-turing-institute/ai-rss-feeds",
)
