"""Mistral AI's own news page, of which feed-mistral and feed-mistral-news are scraped looks.

The page was never seen when this was written.  Assumed are cards with a heading, a link under /news/ and a date
at their foot.  In another shape it is `Drifted`.
"""

from collectors.announcements import news_page

SOURCE = news_page(
    name="official-mistral-news",
    lab="Mistral AI",
    url="https://mistral.ai/news",
    title="Mistral AI news, its own page",
    link_prefix=("/news/",),
)
