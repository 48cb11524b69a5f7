"""DeepSeek's news page in Chinese, scraped into Atom; the date stands in the title and as ``updated``."""

from collectors.feeds import feed

SOURCE = feed(
    name="feed-deepseek-news",
    lab="DeepSeek",
    url="https://raw.githubusercontent.com/mibuhand/AI-News-Direct/main/feeds/deepseek_news.xml",
    title="DeepSeek news",
    homepage="https://api-docs.deepseek.com/updates",
    recorder="mibuhand/AI-News-Direct",
)
