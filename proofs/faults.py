"""Nights that are killed, starved and crowded: kill -9 at every point and at random moments, full disks, two at once.

    python -m proofs.faults [--kills 500] [--only points random ...] [--folder DIR]

A night here is a real one (door, archive, store, build, checks, publication) over three sources of the
mini-web (tests/web), served by another process.  It runs in a forked child, so that dying costs no import.  What counts
is the state of the data folder afterwards: published bytes, every table of the store, every archived body, all compared
with a folder in which the same nights ran undisturbed.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from proofs.nights.company import crowds, read_meanwhile
from proofs.nights.kills import killed_at_points, killed_at_random, terminated
from proofs.nights.rig import Outcome, Rig, rig, say
from proofs.nights.surroundings import full_disks, zones


def table(outcomes: list[Outcome]) -> str:
    """The counts as Markdown."""
    lines = ["| what was done | times | harm done | note |", "|---|---|---|---|"]
    lines += [f"| {one.what} | {one.times} | {len(one.harmed)} | {one.note} |" for one in outcomes]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="Kill, starve and crowd nights; print what harm it did.")
    parser.add_argument("--kills", type=int, default=500, help="kills at random moments")
    parser.add_argument("--seed", type=int, default=1, help="of those moments")
    parser.add_argument("--every", type=int, default=1, help="only every n-th kill point")
    parser.add_argument(
        "--only", nargs="*", default=[], help="crowds, disks, term, int, zones, readers, points, random"
    )
    parser.add_argument("--folder", type=Path, help="where to work (default: a folder that goes away)")
    given = parser.parse_args()
    steps: dict[str, Callable[[Rig], Outcome]] = {
        "crowds": lambda made: crowds(made, 100),
        "disks": lambda made: full_disks(made, 20),
        "term": lambda made: terminated(made, 50, signal.SIGTERM),
        "int": lambda made: terminated(made, 10, signal.SIGINT),
        "zones": zones,
        "readers": lambda made: read_meanwhile(made, 10),
        "points": lambda made: killed_at_points(made, made.nights[-1], given.every),
        "random": lambda made: killed_at_random(made, given.kills, seed=given.seed),
    }
    outcomes = []
    with tempfile.TemporaryDirectory(dir=given.folder) as folder, rig(Path(folder)) as made:
        for name in given.only or steps:
            began = time.monotonic()
            outcomes.append(steps[name](made))
            one = outcomes[-1]
            say(f"{one.what}: {one.times}, harm {len(one.harmed)}, {time.monotonic() - began:.0f} s")
            for harm in one.harmed[:10]:
                say(f"    {harm}")
    sys.stdout.write(table(outcomes) + "\n")
    sys.exit(any(one.harmed for one in outcomes))


if __name__ == "__main__":
    main()
