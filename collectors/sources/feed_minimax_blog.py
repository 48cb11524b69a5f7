"""MiniMax's release notes of models, scraped into Atom; all items share one link, so the guid identifies them."""

from collectors.feeds import feed

SOURCE = feed(
    name="feed-minimax-blog",
    lab="MiniMax",
    url="https://raw.githubusercontent.com/mibuhand/AI-News-Direct/main/feeds/minimax_blog.xml",
    title="MiniMax release notes",
    homepage="https://platform.minimax.io/docs/release-notes/models",
    recorder="mibuhand/AI-News-Direct",
)
