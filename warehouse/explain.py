"""Traces a number back to its page: reads one publication, read-only and without access to files and network."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import get_close_matches
from itertools import count
from pathlib import Path
from typing import Any

import duckdb


class NothingThere(LookupError):
    """The publication has no such row; the message lists what it has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One leader of a gap row: the row as its source wrote it, and the address of its page."""

    side: str
    model: str
    score: float | None
    counts_from: date | None
    evidence: Mapping[str, Any]
    access: Mapping[str, Any]
    archived: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A gap row and where it comes from.

    ``sides``: both leaders with their rows as written.  ``bracket``: the models that bound the lag, with the date
    and score of each.  ``before``: the same row as it was published on an earlier night, empty if none was.
    ``news``: the scores of this scope that became known or changed since then.  ``pulls``: of a composite, what the
    gap would be without each group of instruments, the strongest first.  ``parts``: of a composite, the scores of
    both leaders it is made of, one row a board with what its group pulls; no single row is a composite's source.
    """

    row: Mapping[str, Any]
    sides: tuple[Side, ...]
    bracket: tuple[Mapping[str, Any], ...]
    before: Mapping[str, Any]
    news: tuple[Mapping[str, Any], ...]
    pulls: tuple[Mapping[str, Any], ...]
    parts: tuple[Mapping[str, Any], ...]


MEMORY = "2GB"
"""Memory of a query; nothing spills to disk, as that would be the folder of the publication."""


def open_readonly(database: Path, *, memory: str = MEMORY) -> duckdb.DuckDBPyConnection:
    """A published file, read-only; its queries can touch neither the file system nor the network.

    A plain read-only connection can still read and write files (COPY, read_text), so this one is
    locked: the settings cannot be changed back.
    """
    db = duckdb.connect(str(database), read_only=True)
    db.execute(f"set memory_limit = '{memory}'")
    db.execute("set temp_directory = ''")
    db.execute("set enable_progress_bar = false")  # it would stand in the middle of an answer that goes into a pipe
    db.execute("set enable_external_access = false")
    db.execute("set lock_configuration = true")
    return db


def rows(db: duckdb.DuckDBPyConnection, query: str, given: Mapping[str, object] | None = None) -> list[dict[str, Any]]:
    """A query's rows by column name; where two columns have one name, the later gets a number (``n``, ``n_2``)."""
    answer = db.execute(query, dict(given or {}))
    names = labels([column[0] for column in answer.description or ()])
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def labels(names: Sequence[str]) -> list[str]:
    """Names of columns, with a number where a name comes again."""
    found: list[str] = []
    for name in names:
        numbered = (f"{name}_{n}" for n in count(2))
        found.append(name if name not in found else next(one for one in numbered if one not in found + list(names)))
    return found


def trace(
    db: duckdb.DuckDBPyConnection,
    archive: Path,
    scope: str,
    *,
    night: date | None = None,
    edition: str | None = None,
    tier: str = "any",
) -> Trace:
    """The chain behind one row of ``gap_index`` (newest night and edition unless given); raises `NothingThere`."""
    found = rows(
        db,
        """select * from gap_index where scope = $scope and tier = $tier
             and ($night is null or night = $night) and ($edition is null or edition = $edition)
           order by night desc, observed_on desc, edition desc limit 1""",
        {"scope": scope, "tier": tier, "night": night, "edition": edition},
    )
    if not found:
        raise NothingThere(_nothing_of(db, scope, night, edition, tier))
    row = found[0]
    before = _before(db, row)
    return Trace(
        row=row,
        sides=tuple(_side(db, archive, row, side) for side in ("closed", "open")),
        bracket=tuple(_bracket(db, row)),
        before=before,
        news=tuple(_news(db, row, before)),
        pulls=tuple(_pulls(db, row)),
        parts=tuple(_parts(db, row)) if row["scope_kind"] != "board" else (),
    )


def _pulls(db: duckdb.DuckDBPyConnection, row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Leave-one-out over the groups of a composite, of the night that was published last."""
    return rows(
        db,
        """select "group", closed_pull, open_pull, gap_without, round($gap - gap_without, 3) as pull
           from composite_influence
           where scope = $scope and tier = $tier and closed_model = $closed and open_model = $open
           order by abs(closed_pull - open_pull) desc, "group" """,
        {
            "scope": row["scope"],
            "tier": row["tier"],
            "closed": row["closed_model"],
            "open": row["open_model"],
            "gap": row["gap"],
        },
    )


def _parts(db: duckdb.DuckDBPyConnection, row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The boards of a composite that score a leader, with the best row of each as written, the strongest pull first."""
    return rows(
        db,
        """with
            placed as (select distinct board, edition, "group" from item where scope = $scope),
            best as (
                select s.board, s.edition, s.model, s.value, s.name, s.url, s.sha256, s.known_on
                from score s join placed using (board, edition) join benchmark b using (board)
                where s.model in ($closed, $open) and s.gone_since is null and not s.provisional
                qualify row_number() over (
                    partition by s.board, s.edition, s.model
                    order by s.self_reported, case when b.better = 'lower' then s.value else -s.value end, s.name) = 1)
           select board, edition, placed."group", round($gap - any_value(f.gap_without), 3) as pull,
               any_value(value) filter (model = $closed) as closed_value,
               any_value(best.name) filter (model = $closed) as closed_name,
               any_value(best.sha256) filter (model = $closed) as closed_sha256,
               any_value(value) filter (model = $open) as open_value,
               any_value(best.name) filter (model = $open) as open_name,
               any_value(best.sha256) filter (model = $open) as open_sha256
           from best join placed using (board, edition)
           left join composite_influence f
               on f.scope = $scope and f.tier = $tier and f."group" = placed."group"
               and f.closed_model = $closed and f.open_model = $open
           group by board, edition, placed."group"
           order by abs(pull) desc nulls last, board""",
        {
            "scope": row["scope"],
            "tier": row["tier"],
            "closed": row["closed_model"],
            "open": row["open_model"],
            "gap": row["gap"],
        },
    )


def _bracket(db: duckdb.DuckDBPyConnection, row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The two records of the leading side between which the trailing frontier lies, oldest first."""
    return rows(
        db,
        """select role, f.model, f.title, f.score, f.from_on
           from (values ('the last record below', $below), ('the first at or above', $above)) r(role, model)
           join frontier f
               on f.model = r.model and f.scope = $scope and f.edition = $edition and f.tier = $tier
           qualify row_number() over (partition by role order by f.from_on) = 1
           order by f.from_on, role desc""",
        {
            "below": row["lag_below_model"],
            "above": row["lag_above_model"],
            "scope": row["scope"],
            "edition": row["edition"],
            "tier": row["tier"],
        },
    )


def _before(db: duckdb.DuckDBPyConnection, row: Mapping[str, Any]) -> dict[str, Any]:
    """The newest earlier vintage of a row."""
    found = rows(
        db,
        """select * from gap_index_vintage
           where scope = $scope and edition = $edition and tier = $tier and night < $night
           order by night desc limit 1""",
        {key: row[key] for key in ("scope", "edition", "tier", "night")},
    )
    return found[0] if found else {}


def _news(db: duckdb.DuckDBPyConnection, row: Mapping[str, Any], before: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What became known of this scope after the earlier vintage; on the night alone where there is none."""
    return rows(
        db,
        """select h.board, h.edition, h.model, h.name, h.listed_as as variant, h.value, h.known_on, h.url, h.sha256
           from score_history h
           join benchmark b using (board)
           where (b.board = $scope or ($kind = 'domain' and b.domain = $scope and b.counts_for_index)
                  or ($kind = 'overall' and b.counts_for_index))
             and h.known_on > $since and h.known_on <= $night
           order by h.known_on desc, h.board, h.value desc, h.name limit 200""",
        {
            "scope": row["scope"],
            "kind": row["scope_kind"],
            "night": row["night"],
            "since": before.get("night", row["night"] - timedelta(days=1)),
        },
    )


def _side(db: duckdb.DuckDBPyConnection, archive: Path, row: Mapping[str, Any], side: str) -> Side:
    given = {
        "board": row["scope"],
        "edition": row["edition"],
        "model": row[f"{side}_model"],
        "value": row[f"{side}_score"],
        "night": row["night"],
    }
    evidence = rows(
        db,
        """select name, listed_as, variant, value, written, source, url, fetched_at, known_on, sha256 from score
           where board = $board and edition = $edition and model = $model and value = $value
           order by known_on, name limit 1""",
        {key: given[key] for key in ("board", "edition", "model", "value")},
    )
    access = rows(
        db,
        """select tier, from_on, until_on, licence, evidence, evidence_rank, source from model_access
           where model = $model and from_on <= $night order by from_on desc limit 1""",
        {key: given[key] for key in ("model", "night")},
    )
    page = evidence[0] if evidence else {}
    from warehouse.archive import body_name  # its compression, which a query does without

    body = archive / body_name(page["sha256"]) if page else None
    return Side(
        side=side,
        model=row[f"{side}_model"] or "",
        score=row[f"{side}_score"],
        counts_from=row[f"{side}_on"],
        evidence=page,
        access=access[0] if access else {},
        archived=body if body and body.exists() else None,
    )


def nearest(scope: str, scopes: Iterable[str]) -> str:
    """The message for a scope that does not exist."""
    return f"no scope {scope!r}; {suggestion(scope, scopes, '`gapindex show --all` lists them')}"


def suggestion(name: str, there: Iterable[str], otherwise: str) -> str:
    """The names that are most like one that does not exist; ``otherwise`` where none is."""
    near = get_close_matches(name, sorted(there), n=5, cutoff=0.4)
    return f"did you mean {', '.join(near)}?" if near else otherwise


def unknown_scope(db: duckdb.DuckDBPyConnection, scope: str) -> str:
    """The same for a published database, which also tells a model from a scope."""
    if rows(db, "select 1 from model where model = $model", {"model": scope}):
        return f"{scope} is a model, not a scope; `gapindex events {scope}` lists what it reached"
    return nearest(scope, (str(row["scope"]) for row in rows(db, "select distinct scope from gap_index")))


def _nothing_of(db: duckdb.DuckDBPyConnection, scope: str, night: date | None, edition: str | None, tier: str) -> str:
    """Why ``gap_index`` has no such row of a scope, and what it has."""
    (there,) = rows(
        db,
        """select min(night) as first, max(night) as last,
               coalesce(list(distinct edition order by edition), []) as editions
           from gap_index where scope = $scope and tier = $tier""",
        {"scope": scope, "tier": tier},
    )
    if there["first"] is None:
        return unknown_scope(db, scope)
    asked = [f"for night {night}"] if night else []
    asked += [f"of edition {edition!r}"] if edition else []
    editions = f", of the editions {', '.join(there['editions'])}" if edition else ""
    return f"nothing on {scope} {' '.join(asked)}; it has nights from {there['first']} to {there['last']}{editions}"
