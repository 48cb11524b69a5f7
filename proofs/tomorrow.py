"""A night as it is, and as it would be had no editor written a line since some day before (METHOD section 2).

``python -m proofs.tomorrow [FOLDER] [CUT ...]``: a data folder (default GAPINDEX_DATA) and days; all reviewed lines
known later than a cut are left out, and the folder's last night is built again from what the sources say.  It must
tell the same overall gap within its own interval, date every model that leads anything, and take no model for closed
that is open: one published after a cut is recognised by its files, labels and dates alone.  A lab first known after
a cut is nobody's lab then: each of its models should be one model under all its spellings, and count.  The grammar of
families is today's.  Each build takes half a minute of processor time.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from collectors.registry import sources
from flows.settings import Settings, be_quiet
from proofs._folder import last_night
from warehouse.build import built

CUTS = ("2025-06-30", "2025-12-31", "2026-03-31", "2026-06-13")

OVERALL = """select gap, gap_lo, gap_hi, lag_days, open_model, closed_model from gap_index
             where scope_kind = 'overall' and tier = 'any' and night = $night"""
LEADERS = """select distinct scope, model from (
                 select g.scope, unnest([g.open_model, g.closed_model]) as model
                 from gap_index g left join benchmark b on b.board = g.scope
                 where g.night = $night and g.tier = 'any' and coalesce(b.counts_for_index, true))
             where model is not null"""
DATED = """select model from release where available_on is not null"""
OPENNESS = """select model, tier from model_access
              where from_on <= $night and (until_on is null or until_on > $night) and tier <> 'U'"""
SCORED = """select distinct s.source, s.name, s.model from score s join benchmark b using (board)
            where b.counts_for_index and not s.self_reported"""
LABS = """select model, developer from model"""
AGREED = """select model from staging.access_evidence join input.source using (source)
            where open is not null group by model, open having count(distinct operator) >= 2"""


@dataclass(frozen=True, slots=True)
class Night:
    """What a build tells: the overall row, who leads what, who is dated, scored, and of which access tier.

    ``names``: which model each scored name of a source is; ``labs``: whose it is; ``known_labs``: the labs with a line;
    ``agreed``: the models of whose access two operators say the same.
    """

    overall: tuple[float, float, float, float, str, str]
    leaders: frozenset[tuple[str, str]]
    dated: frozenset[str]
    names: dict[tuple[str, str], str]
    tiers: dict[str, str]
    labs: dict[str, str]
    known_labs: frozenset[str]
    agreed: frozenset[str]
    reviewed: int

    @property
    def scored(self) -> frozenset[str]:
        """The models with scores that count."""
        return frozenset(self.names.values())

    def closed(self) -> set[str]:
        """The models taken for closed."""
        return {model for model, tier in self.tiers.items() if tier == "C"}


def main(folder: Path, cuts: list[date]) -> int:
    """Prints one paragraph a cut; 1 where the promise is broken."""
    night = last_night(folder)
    whole = _night(folder, night, night)
    print(f"night {night}, {whole.reviewed} reviewed models: overall {_gap(whole)}\n")
    broken = 0
    for cut in cuts:
        bare = _night(folder, night, cut)
        lo, hi = bare.overall[1:3]
        undated = {model for _, model in bare.leaders} - bare.dated
        open_readonly = {
            model for model in whole.tiers.keys() & whole.scored if whole.tiers[model] in ("T1", "T2", "T3")
        }
        shut = sorted(open_readonly & bare.closed())
        inside = lo <= whole.overall[0] <= hi
        strangers, missed = _strangers(whole, bare)
        broken += (not inside) or bool(undated) or bool(shut) or bool(missed)
        print(f"lines known after {cut} left out ({whole.reviewed - bare.reviewed} models fewer)")
        print(f"  overall {_gap(bare)}: {'the same within its interval' if inside else 'OUTSIDE ITS INTERVAL'}")
        same = len(whole.leaders & bare.leaders)
        print(f"  leaders of boards and domains: {same} of {len(whole.leaders)} are the same models")
        print(f"  leaders without a date: {', '.join(sorted(undated)) or 'none'}")
        print(f"  scored models that are open and taken for closed: {', '.join(shut) or 'none'}")
        lost = sorted((open_readonly | whole.closed()) & whole.scored - bare.tiers.keys())
        some = ", ".join(lost[:8]) + (", ..." if len(lost) > 8 else "")
        print(f"  scored models of which nobody says enough: {len(lost)} ({some or 'none'})")
        print(f"  {strangers}\n")
    return min(broken, 1)


def _strangers(whole: Night, bare: Night) -> tuple[str, set[str]]:
    """How the models of labs without a line are read: as one model each, and with an access tier; and those of them
    that have none although two operators say the same of their access."""
    spelled: dict[str, set[str]] = {}
    for name, model in whole.names.items():
        if whole.labs.get(model) not in {None, "", *bare.known_labs} and name in bare.names:
            spelled.setdefault(model, set()).add(bare.names[name])
    several = sorted(f"{model} ({len(found)})" for model, found in spelled.items() if len(found) > 1)
    counting = {model for model, found in spelled.items() if any(bare.tiers.get(one) for one in found)}
    agreed = spelled.keys() & whole.agreed
    missed = agreed - counting
    labs = {whole.labs[model] for model in spelled}
    text = f"scored models of {len(labs)} labs then unknown: {len(spelled)}; of {len(agreed)} two operators say whether"
    text += f" they are open, and {len(agreed & counting)} of these count, {len(counting - agreed)} of the others"
    text += f"; MISSED: {', '.join(sorted(missed))}" if missed else ""
    return text + (f"; several models: {', '.join(several)}" if several else ""), missed


def _gap(night: Night) -> str:
    gap, lo, hi, lag, open_model, closed_model = night.overall
    return f"{gap:.2f} ({lo:.2f} to {hi:.2f}), {lag:.0f} days, {open_model} and {closed_model}"


def _night(folder: Path, night: date, reviewed_until: date) -> Night:
    with built(folder / "store.duckdb", night, sources(), reviewed_until=reviewed_until) as db:
        db.execute("use memory.marts")
        (overall,) = _rows(db, OVERALL, night)
        ((reviewed,),) = _rows(db, "select count(*) from memory.seed.model", None)
        return Night(
            overall=overall,
            leaders=frozenset(_rows(db, LEADERS, night)),
            dated=frozenset(model for (model,) in _rows(db, DATED, None)),
            names={(source, name): model for source, name, model in _rows(db, SCORED, None)},
            tiers=dict(_rows(db, OPENNESS, night)),
            labs=dict(_rows(db, LABS, None)),
            known_labs=frozenset(lab for (lab,) in _rows(db, "select developer from memory.seed.developer", None)),
            agreed=frozenset(model for (model,) in _rows(db, AGREED, None)),
            reviewed=reviewed,
        )


def _rows(db: duckdb.DuckDBPyConnection, query: str, night: date | None) -> list[Any]:
    return db.execute(query, {"night": night} if night else {}).fetchall()


if __name__ == "__main__":
    be_quiet()
    given = sys.argv[1:]
    where = Path(given[0]) if given else Settings.from_env().data
    sys.exit(main(where, [date.fromisoformat(day) for day in given[1:] or CUTS]))
