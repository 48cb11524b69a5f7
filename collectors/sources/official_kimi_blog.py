"""Moonshot AI's own blog on Kimi, where its models are announced; feed-moonshot-blog is the platform's blog.

The page was never seen when this was written.  Assumed are cards of an empty link, a heading and a date; links
stand under /blog/ or /en/blog/, and a menu may repeat them.  In another shape it is `Drifted`.
"""

from collectors.announcements import BEIJING, news_page

SOURCE = news_page(
    name="official-kimi-blog",
    lab="Moonshot AI",
    url="https://www.kimi.com/blog",
    title="Kimi blog",
    link_prefix=("/blog/", "/en/blog/"),
    zone=BEIJING,
)
