"""Measures the time of each stage of a run and reports progress."""

from __future__ import annotations

import time
from collections.abc import Callable


class StageTimer:
    """Seconds by stage.  A stage ends where the next one starts; ``ended`` is called with its name and seconds."""

    def __init__(
        self,
        progress: Callable[[str], None] = lambda _text: None,
        ended: Callable[[str, float], None] = lambda _stage, _seconds: None,
    ) -> None:
        self.seconds: dict[str, float] = {}
        self.progress = progress
        self._ended = ended
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
            passed = round(now - self._since, 3)
            self.seconds[self._stage] = round(self.seconds.get(self._stage, 0.0) + passed, 3)
            self._ended(self._stage, passed)
        self._stage, self._since = "", now
