"""Nights that die: killed at every point, at random moments, terminated, interrupted."""

from __future__ import annotations

import random
import signal
from collections import Counter
from datetime import date

from proofs.nights.rig import Outcome, Rig, readable, say
from tests.tools.killpoints import dying


def points(made: Rig, night: date) -> list[str]:
    """Every point at which a night touches the outside world, by name."""
    log = made.folder / "points.log"
    data = made.copy(night)
    end = made.run(night, data, prepare=lambda: dying(0, log, str(made.folder)))
    assert end.code == 0, end.output
    names = log.read_text("utf-8").splitlines()
    log.unlink()
    return names


def killed_at_points(made: Rig, night: date, every: int = 1) -> Outcome:
    """Kill -9 at every point of a night (or every n-th), then the night again."""
    names = points(made, night)
    outcome = Outcome(what=f"kill -9 at each point of a night ({len(names)} points)")
    kinds: Counter[str] = Counter()
    for at in range(1, len(names) + 1, every):
        data = made.copy(night)
        end = made.run(night, data, prepare=lambda at=at: dying(at, None, str(made.folder)))
        kinds["killed" if end.killed else "ended"] += 1
        outcome.saw(names[at - 1], readable(data, made) + made.finish(night, data))
    outcome.note = f"{kinds['killed']} died there, {kinds['ended']} ended before"
    return outcome


def killed_at_random(made: Rig, kills: int, *, in_a_row: int = 5, seed: int = 1) -> Outcome:
    """Kill -9 at moments drawn evenly over a night's time; after every few kills the night runs to its end."""
    outcome = Outcome(what=f"kill -9 at random moments, {in_a_row} in a row, then the night to its end")
    random_ = random.Random(seed)
    whole = missed = 0
    while outcome.times < kills:
        data = made.copy(made.nights[0])
        for night in made.nights:
            dead = 0
            while dead < in_a_row and outcome.times < kills:
                end = made.run(night, data, kill_after=random_.uniform(0, made.seconds(night)))
                if not end.killed:
                    missed += 1
                    if end.code != 0:
                        outcome.harmed.append(f"a run failed: {end.output[-300:]}")
                    continue
                dead += 1
                outcome.saw(f"kill {outcome.times} after {end.seconds:.2f} s", readable(data, made))
            outcome.harmed += [f"before kill {outcome.times}: {one}" for one in made.finish(night, data)]
            whole += 1
        say(f"{outcome.times} kills, harm {len(outcome.harmed)}")
    outcome.note = f"{whole} nights run to their end and compared; {missed} runs were faster than their kill"
    return outcome


def terminated(made: Rig, times: int, sig: signal.Signals, *, seed: int = 2, soon: float = 5) -> Outcome:
    """SIGTERM or Ctrl-C at random moments: the process is gone within ``soon`` seconds, nothing half-published."""
    outcome = Outcome(what=f"{sig.name} at random moments")
    random_ = random.Random(seed)
    slowest = 0.0
    night = made.nights[-1]
    data = made.copy(night)
    for _ in range(times):
        after = random_.uniform(0, made.seconds(night))
        end = made.run(night, data, kill_after=after, sig=sig)
        slowest = max(slowest, end.seconds - after)
        late = [f"{end.seconds - after:.1f} s until it ended"] if end.seconds - after > soon else []
        outcome.saw(f"after {after:.2f} s", late + readable(data, made))
    outcome.harmed += made.finish(night, data)
    outcome.note = f"slowest end {slowest:.2f} s after the signal"
    return outcome
