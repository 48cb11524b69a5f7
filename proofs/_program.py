"""One proof, run as a program of its own: what the runners of `flows.mapping` map over the proofs' names."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from flows.settings import Settings, load

ROOT = Path(__file__).resolve().parent.parent


def chosen() -> Settings:
    """The settings in force, with ``runner: here`` where nobody chose one: proofs are timed, and slow each other."""
    loaded = load()
    default = {"runner": "here"} if loaded.origins["runner"] == "default" else {}
    return loaded.settings.model_copy(update=default)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What a proof printed, and the code it ended with; ``seconds`` by the clock."""

    name: str
    printed: str
    code: int
    seconds: float

    @property
    def section(self) -> str:
        """What stands in docs/PROOFS.md below its name."""
        note = f"`python -m proofs.{self.name}`, {self.seconds:.0f} s, Python {platform.python_version()}"
        return f"{note}\n\n```text\n{self.printed.rstrip()}\n```\n"


def run(name: str) -> Ran:
    """Runs a proof to its end; it asks for no runner of its own where it is itself a part."""
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", f"proofs.{name}"],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        cwd=ROOT,
        env=os.environ | {"GAPINDEX_RUNNER": "here"},
    )
    return Ran(name=name, printed=done.stdout, code=done.returncode, seconds=time.monotonic() - begun)
