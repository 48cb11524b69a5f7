"""Nights that are not alone: other runs of the same one, and readers of what is published."""

from __future__ import annotations

import os
import time
from pathlib import Path

from proofs.nights.rig import NIGHTS, Outcome, Rig


def crowds(made: Rig, rounds: int, many: int = 4) -> Outcome:
    """Several runs of one night at once: one works, the others say who does."""
    outcome = Outcome(what=f"{many} runs at once")
    from flows.folder import Busy, data_lock

    data = made.folder / "crowd"
    for at in range(rounds):
        reader, saying = os.pipe()
        released, release = os.pipe()
        pids = []
        for _ in range(many):
            pid = os.fork()
            if pid == 0:
                os.close(release)
                try:
                    with data_lock(data, NIGHTS[0]):
                        os.write(saying, b"W")
                        os.read(released, 1)
                except Busy as busy:
                    os.write(saying, b"B" if str(NIGHTS[0]) in str(busy) else b"?")
                finally:
                    os._exit(0)
            pids.append(pid)
        responses = "".join(sorted(os.read(reader, 1).decode() for _ in range(many)))
        for end in (release, released, reader, saying):
            os.close(end)
        for pid in pids:
            os.waitpid(pid, 0)
        outcome.saw(f"round {at}", [] if responses == "B" * (many - 1) + "W" else [f"answers {responses}"])
    return outcome


def read_meanwhile(made: Rig, nights: int, readers: int = 2) -> Outcome:
    """Other processes open and read the published file in a loop while nights run; one holds it open throughout."""
    outcome = Outcome(what=f"{readers} readers in a loop, one holding the file open, while nights run")
    data = made.copy(made.nights[-1])
    made.run(made.nights[-1], data)
    counts, stop = made.folder / "reads", made.folder / "stop"
    counts.mkdir(exist_ok=True)
    stop.unlink(missing_ok=True)
    pids = [_reader(data, counts / f"{n}", stop, hold=n == 0) for n in range(readers + 1)]
    for at in range(nights):
        end = made.run(made.nights[-1 if at % 2 == 0 else 0], data)
        outcome.saw(f"night {at}", [] if end.code == 0 else [f"the night failed: {end.output[-300:]}"])
    stop.touch()
    codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]
    reader = [file.read_text("utf-8").splitlines() for file in sorted(counts.iterdir())]
    outcome.harmed += [line for lines in reader for line in lines if not line.isdigit()]
    outcome.harmed += [f"a reader ended with {code}" for code in codes if code]
    outcome.note = f"{sum(int(line) for lines in reader for line in lines if line.isdigit())} reads"
    return outcome


def _reader(data: Path, count: Path, stop: Path, *, hold: bool) -> int:
    pid = os.fork()
    if pid:
        return pid
    from warehouse.explain import open_readonly

    reads = 0
    try:
        if hold:
            with open_readonly(data / "published" / "gapindex.duckdb") as db:
                first = db.execute("select count(*), max(night) from gap_index").fetchone()
                while not stop.exists():
                    if db.execute("select count(*), max(night) from gap_index").fetchone() != first:
                        count.write_text("a held file changed under its reader\n", "utf-8")
                        os._exit(1)
                    reads += 1
                    time.sleep(0.02)
        while not stop.exists():
            with open_readonly(data / "published" / "gapindex.duckdb") as db:
                rows = db.execute("select count(*) from score").fetchone()
                if not rows or not rows[0]:
                    count.write_text("an empty publication\n", "utf-8")
                    os._exit(1)
            reads += 1
        count.write_text(f"{reads}\n", "utf-8")
        os._exit(0)
    except BaseException as error:  # noqa: BLE001 - reported by the file and the exit code
        count.write_text(f"{type(error).__name__}: {error}\n", "utf-8")
        os._exit(1)
