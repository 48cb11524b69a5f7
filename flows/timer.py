"""Measures the time of each stage of a run and reports progress."""

from __future__ import annotations

import time
from collections.abc import Callable


class StageTimer:
    """Seconds by stage.  A stage ends where the next one starts."""

    def __init__(self, progress: Callable[[str], None] = lambda _text: None) -> None:
        self.seconds: dict[str, float] = {}
        self.progress = progress
        self._stage, self._since = "", time.monotonic()

    def start(self, stage: str, text: str = "") -> None:
        """Ends the stage that runs, and starts one; ``text`` is shown as progress."""
        self.stop()
        self._stage = stage
        if text:
            self.progress(text)

    def stop(self) -> None:
        """Ends the stage that runs."""
        now = time.monotonic()
        if self._stage:
            self.seconds[self._stage] = round(now - self._since, 3)
        self._stage, self._since = "", now
