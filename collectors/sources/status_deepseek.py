"""DeepSeek's incidents, titles in Chinese and English; several have no end."""

from collectors.status import status

SOURCE = status("status-deepseek", "DeepSeek", "deepseek", homepage="https://status.deepseek.com/")
