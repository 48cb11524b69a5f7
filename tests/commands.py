"""The command ``gapindex``, asked as a person or a program would ask it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from click.testing import CliRunner

from flows.cli import app


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def gapindex(*words: object, given: str | None = None) -> Answer:
    """What ``gapindex WORDS`` answers, with ``given`` on its standard input; a traceback is raised."""
    result = CliRunner().invoke(app, [str(word) for word in words], input=given)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Answer(code=result.exit_code, out=result.stdout, err=result.stderr)
