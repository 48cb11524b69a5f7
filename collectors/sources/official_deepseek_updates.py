"""DeepSeek's own change log of its API: which models it serves since when, in English.

The page itself was never seen, only its text: a heading "Date: 2025-12-01" and below it one heading per model.
In another shape it is `Drifted`.  feed-deepseek-news reads the lab's news in Chinese, so titles differ.
"""

from collectors.announcements import BEIJING, release_notes

SOURCE = release_notes(
    name="official-deepseek-updates",
    lab="DeepSeek",
    url="https://api-docs.deepseek.com/updates",
    title="DeepSeek API change log",
    zone=BEIJING,
)
