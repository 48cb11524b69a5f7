"""Single variables of the environment, and the data folder where nothing else is set.

Apart from `flows.settings` because every command asks for them, and pydantic, which reads and checks all settings,
takes longer to import than `gapindex show` to answer.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

PREFIX = "GAPINDEX_"

FILE = "gapindex.yaml"
"""The settings file of a working folder; GAPINDEX_CONFIG names another."""

DATA = Path("data")
"""The data folder unless one is given."""

OTHER_VARIABLES = frozenset({"GAPINDEX_CONFIG", "GAPINDEX_HOME"})
"""Variables with our prefix that are no setting: where the settings are, and where the clone is that Prefect runs."""


def variable(name: str) -> str | None:
    """The value of an environment variable, for files that refer to it as ``${NAME}``."""
    return os.environ.get(name)


def lone_folder(given: Path | None, env: Mapping[str, str] = os.environ) -> Path | None:
    """The data folder where no other setting is given, so that there is nothing to check; else None.

    None: `flows.settings.load` has to read the settings, and refuses those that cannot be used.
    """
    settings = {name for name, value in env.items() if value and name.upper().startswith(PREFIX)}
    if settings - {"GAPINDEX_DATA", "GAPINDEX_HOME"} or Path(FILE).exists():
        return None
    return Path(given or env.get("GAPINDEX_DATA") or DATA).absolute()
