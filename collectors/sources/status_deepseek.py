"""DeepSeek's incidents, titles in Chinese and English; the end of several was never told."""

from collectors.status import status

SOURCE = status("status-deepseek", "DeepSeek", "deepseek", homepage="https://status.deepseek.com/")
