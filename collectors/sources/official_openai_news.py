"""OpenAI's own feed of all its news, which took the place of the scraped feed-openai-research in 2026-04.

No copy of it was recorded, so it answers on the live web alone.
"""

from collectors.feeds import feed

SOURCE = feed(
    name="official-openai-news",
    lab="OpenAI",
    url="https://openai.com/news/rss.xml",
    title="OpenAI news",
    homepage="https://openai.com/news/",
)
