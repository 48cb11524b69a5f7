"""Hugging Face's own feed of its blog: what its teams and its guests write on open models.

No copy of it was recorded, so it answers on the live web alone.
"""

from collectors.feeds import feed

SOURCE = feed(
    name="official-huggingface-blog",
    lab="Hugging Face",
    url="https://huggingface.co/blog/feed.xml",
    title="Hugging Face blog, its own feed",
    homepage="https://huggingface.co/blog",
)
