"""Moonshot AI's platform blog, scraped into Atom: guides and prices rather than releases."""

from collectors.feeds import feed

SOURCE = feed(
    name="feed-moonshot-blog",
    lab="Moonshot AI",
    url="https://raw.githubusercontent.com/mibuhand/AI-News-Direct/main/feeds/moonshot_blog.xml",
    title="Moonshot AI platform blog",
    homepage="https://platform.moonshot.ai/blog",
    recorder="mibuhand/AI-News-Direct",
)
