"""ByteDance Seed's own blog, of which feed-bytedance-seed-blog is a scraped look.

The page was never seen when this was written.  Assumed is that a script sets the variable _ROUTER_DATA to all
articles in two languages, with dates in milliseconds.  In another shape it is `Drifted`.
"""

from collectors.announcements import BEIJING, article_list

SOURCE = article_list(
    name="official-bytedance-seed-blog",
    lab="ByteDance Seed",
    url="https://seed.bytedance.com/en/blog",
    title="ByteDance Seed blog, its own page",
    variable="_ROUTER_DATA",
    items="article_list",
    title_field="ArticleSubContentEn.Title",
    slug_field="ArticleSubContentEn.TitleKey",
    date_field="ArticleMeta.PublishDate",
    summary_field="ArticleSubContentEn.Abstract",
    link="https://seed.bytedance.com/en/blog/{}",
    zone=BEIJING,
)
