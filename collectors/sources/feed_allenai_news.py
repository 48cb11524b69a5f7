"""Ai2's news, scraped into RSS; the page tells months only, and the recorder writes each month's last day.

So a post seen on 21 May is dated 31 May; its items are kept undated.
"""

from collectors.feeds import feed

SOURCE = feed(
    name="feed-allenai-news",
    lab="Ai2",
    url="https://raw.githubusercontent.com/alan-turing-institute/ai-rss-feeds/main/feeds/allenai-news.xml",
    title="Ai2 news",
    homepage="https://allenai.org/news",
    recorder="alan-turing-institute/ai-rss-feeds",
    months=True,
)
