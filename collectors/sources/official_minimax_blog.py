"""MiniMax's own blog in English; feed-minimax-blog is a scraper's look at its release notes.

The page was never seen when this was written.  Assumed are links under /blog/ around a heading, categories and
a date, which was written 2026.2.12 and later 2026-02-12.  In another shape it is `Drifted`.
"""

from collectors.announcements import BEIJING, news_page

SOURCE = news_page(
    name="official-minimax-blog",
    lab="MiniMax",
    url="https://www.minimax.io/blog",
    title="MiniMax blog",
    link_prefix=("/blog/",),
    zone=BEIJING,
)
