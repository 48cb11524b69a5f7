"""Ai2's own news page, of which feed-allenai-news is a scraped look.

The page was never seen when this was written.  Assumed are cards with a heading, which begins with a month, and
a link "Read post" under /blog/; so items are undated.  In another shape it is `Drifted`.
"""

from collectors.announcements import news_page

SOURCE = news_page(
    name="official-allenai-news",
    lab="Ai2",
    url="https://allenai.org/news",
    title="Ai2 news, its own page",
    link_prefix=("/blog/",),
)
