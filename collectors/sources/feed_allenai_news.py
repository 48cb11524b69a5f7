"""Ai2's news, scraped into RSS; the page gives only months, and the recorder writes each month's last day.

So a post seen on 21 May has the date 31 May; the items are kept without a date.
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
