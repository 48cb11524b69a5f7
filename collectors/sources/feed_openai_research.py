"""OpenAI's research news, scraped into RSS by a volunteer until 2026-04-22; items have no guid, the link is it.

From 2025-02-04 to 2026-04-12 the scraper published a well-formed feed without items, which is `Drifted`: the items
read before stay.  It was retired with a notice as its first item, in favour of OpenAI's own feed.
"""

from collectors.feeds import feed

SOURCE = feed(
    name="feed-openai-research",
    lab="OpenAI",
    url="https://raw.githubusercontent.com/Olshansk/rss-feeds/main/feeds/feed_openai_research.xml",
    title="OpenAI research news",
    homepage="https://openai.com/news/research",
    recorder="Olshansk/rss-feeds",
)
