"""The recorded web, which is no part of the project: its own time machine serves it, where it is there."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any


def recorded(shared: Path, cache: Path) -> Any:
    """A context that serves ``shared``/web; its pages are unpacked into ``cache``."""
    name = "recorded_timemachine"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, shared / "tools" / "timemachine.py")
        if spec is None or spec.loader is None:
            raise FileNotFoundError(f"no recorded web in {shared}")
        sys.modules[name] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[name].TimeMachine([shared / "web"], cache=cache)
