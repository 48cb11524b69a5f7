"""Cohere's incidents; the recorder last read this page before it was recorded here, two incidents are left."""

from collectors.status import status

SOURCE = status("status-cohere", "Cohere", "cohere", homepage="https://status.cohere.com/")
