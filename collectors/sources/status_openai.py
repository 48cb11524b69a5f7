"""OpenAI's incidents by component since late 2025; one incident may hit several components."""

from collectors.status import status

SOURCE = status("status-openai", "OpenAI", "openai", homepage="https://status.openai.com/")
