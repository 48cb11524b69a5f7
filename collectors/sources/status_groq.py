"""Groq's incidents; Groq serves open-weight models, so its titles name those."""

from collectors.status import status

SOURCE = status("status-groq", "Groq", "groq", homepage="https://groqstatus.com/")
