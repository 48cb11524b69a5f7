"""Mistral AI's incidents; the recorder never managed to read this page, so every recorded file is empty."""

from collectors.status import status

SOURCE = status("status-mistral", "Mistral AI", "mistral", homepage="https://status.mistral.ai/")
