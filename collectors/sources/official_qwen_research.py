"""Qwen's own list of articles, from the JSON its site reads; no feed of it was recorded.

The answer was never seen when this was written.  Assumed are forty articles with a title, a path and, within
``extra``, a date in Beijing's time.  In another shape it is `Drifted`.
"""

from collectors.announcements import BEIJING, article_list

SOURCE = article_list(
    name="official-qwen-research",
    lab="Qwen",
    url="https://qwen.ai/api/v2/article/retrieval?type=qwen_ai&language=en-US",
    title="Qwen research and news",
    homepage="https://qwen.ai/research",
    items="articles",
    title_field="title",
    slug_field="path",
    date_field="extra.date",
    link="https://qwen.ai/blog?id={}",
    zone=BEIJING,
)
