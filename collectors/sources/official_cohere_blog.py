"""Cohere's own blog, of which feed-cohere-blog is a scraped look (its links say /blog/blog/).

The page was never seen when this was written.  Assumed are links under /blog/ around paragraphs: the title
first, and one that holds the date; there are no headings.  In another shape it is `Drifted`.
"""

from collectors.announcements import news_page

SOURCE = news_page(
    name="official-cohere-blog",
    lab="Cohere",
    url="https://cohere.com/blog",
    title="Cohere blog, its own page",
    link_prefix=("/blog/",),
    heading="h1, h2, h3, h4, h5, h6, p",
)
