"""Anthropic's incidents by component: the longest list, because every component hit is a row of its own."""

from collectors.status import status

SOURCE = status("status-anthropic", "Anthropic", "anthropic", homepage="https://status.anthropic.com/")
