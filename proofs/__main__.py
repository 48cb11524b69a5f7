"""``python -m proofs [NAME ...]``: runs the proofs and puts what they print into docs/PROOFS.md, each under its name.

Without names all of them run, which takes an hour on two cores; a section that is not run again stays as it was.
With the setting ``runner`` (GAPINDEX_RUNNER=dask) each proof is a part on Prefect's task runner, else they run in turn.
`composite`, `gates`, `nowcast`, `pages`, `replay` and `tomorrow` read a back-filled data folder, GAPINDEX_DATA; without
one they fail and their sections stay.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from flows.mapping import mapped
from proofs._program import Ran, chosen, run

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "PROOFS.md"
HEAD = """# Proofs

What METHOD section 8 and the design of the gates, the storage and the alerts promise, measured.  `make proof` writes
this page; `make proof ARGS="eci gates"` runs some of it again.  Each section is what one module of `proofs/` printed;
`versions` and `weeks` are written by hand.
"""


def main() -> None:
    """Runs each proof as a program of its own; ends with 1 if one of them failed."""
    known = sorted(file.stem for file in HERE.glob("*.py") if not file.stem.startswith("_"))
    wanted = sys.argv[1:] or known
    if unknown := sorted(set(wanted) - set(known)):
        sys.exit(f"no proof called {', '.join(unknown)}; there are {', '.join(known)}")
    sections = _sections()

    def keep(ran: Ran) -> None:
        if ran.code:
            sys.stderr.write(f"{ran.name} ended with {ran.code}, see above; its section stays as it was\n")
            return
        sections[ran.name] = ran.section
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(HEAD + "".join(f"\n## {key}\n\n{sections[key]}" for key in sorted(sections)), "utf-8")

    ended = mapped(run, wanted, chosen(), name="proof", done=keep)
    sys.exit(1 if any(ran.code for ran in ended) else 0)


def _sections() -> dict[str, str]:
    """The page as it stands: section name -> its text."""
    if not PAGE.exists():
        return {}
    parts = re.split(r"(?m)^## (\w+)\n\n", PAGE.read_text("utf-8"))[1:]
    return {name: text.rstrip("\n") + "\n" for name, text in zip(parts[::2], parts[1::2], strict=True)}


if __name__ == "__main__":
    main()
