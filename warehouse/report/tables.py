"""Reads a published database for the pages: rows by column name; no rows where a table is missing."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from warehouse.explain import rows
from warehouse.report.text import clean

if TYPE_CHECKING:
    import numpy as np

Row = Mapping[str, Any]


class Tables:
    """One publication, read once a table.  The connection may be read-only; nothing is written."""

    def __init__(self, db: duckdb.DuckDBPyConnection) -> None:
        self._db = db
        self._columns: dict[str, frozenset[str]] = {}
        self._over_time: dict[str, list[dict[str, Any]]] = {}

    def has(self, table: str, *columns: str) -> bool:
        """Whether the publication has this table with these columns."""
        if table not in self._columns:
            try:
                found = self._db.execute(f"from {table} limit 0").description or ()
            except duckdb.CatalogException:
                return False
            self._columns[table] = frozenset(column[0] for column in found)
        return set(columns) <= self._columns[table]

    def query(self, table: str, text: str, **given: object) -> list[dict[str, Any]]:
        """The rows of a query; none where its main table is not published."""
        return rows(self._db, text, given) if self.has(table) else []

    @cached_property
    def night(self) -> date:
        """The night that was published."""
        (run,) = rows(self._db, "select night from run order by night desc limit 1")
        night: date = run["night"]
        return night

    @cached_property
    def method_version(self) -> str:
        (run,) = rows(self._db, "select method_version from run order by night desc limit 1")
        return clean(run["method_version"])

    @cached_property
    def run_id(self) -> str:
        (run,) = rows(self._db, "select run_id from run order by night desc limit 1")
        return clean(run["run_id"])

    @cached_property
    def vintage_runs(self) -> dict[date, tuple[str, str]]:
        """Run and method version of every vintage that is kept."""
        kept = self.query("gap_index_vintage", "select distinct night, run_id, method_version from gap_index_vintage")
        return {row["night"]: (str(row["run_id"]), str(row["method_version"])) for row in kept}

    @cached_property
    def tonight(self) -> list[dict[str, Any]]:
        """``gap_index`` of the published night, newest edition of each scope first."""
        return self.query(
            "gap_index",
            """select * from gap_index where night = $night
               order by scope_kind, scope, tier, observed_on desc, edition desc""",
            night=self.night,
        )

    def scope_tonight(self, scope: str, tier: str = "any") -> dict[str, Any] | None:
        """The row of a scope's newest edition tonight."""
        return self._newest.get((scope, tier))

    @cached_property
    def _newest(self) -> dict[tuple[str, str], dict[str, Any]]:
        newest: dict[tuple[str, str], dict[str, Any]] = {}
        for row in self.tonight:
            newest.setdefault((row["scope"], row["tier"]), row)
        return newest

    @cached_property
    def models(self) -> dict[str, dict[str, Any]]:
        """Every model with a place on some scale or board frontier, by its identifier."""
        return {row["model"]: row for row in self.query("model", "select * from model where known or hub_repo <> ''")}

    def title(self, model: str | None) -> str:
        """A model's name as people write it, safe to show."""
        return clean(self._titles.get(model) or model, 120) if model else "none"

    @cached_property
    def _titles(self) -> dict[str, str]:
        """Names of the same models, which take a fifth of the time to read."""
        found = self.query("model", "select model, title from model where known or hub_repo <> ''")
        return {row["model"]: row["title"] for row in found}

    @cached_property
    def boards(self) -> dict[str, dict[str, Any]]:
        return {row["board"]: row for row in self.query("benchmark", "select * from benchmark order by board")}

    def scope_title(self, scope: str) -> str:
        """A board's title, or the name of a domain."""
        board = self.boards.get(scope)
        return clean(board["title"] if board else scope, 120)

    def unit(self, scope: str) -> str:
        """The unit of a scope's scores."""
        board = self.boards.get(scope)
        return clean(board["unit"], 30) if board else "index points"

    @cached_property
    def labs(self) -> dict[str, str]:
        """Names of labs, by identifier."""
        with (Path(__file__).parent.parent / "seeds" / "developer.csv").open(encoding="utf-8", newline="") as file:
            return {row["developer"]: clean(row["title"], 80) for row in csv.DictReader(file)}

    def lab_title(self, developer: str | None) -> str:
        """A lab's name as people write it; an identifier stands for itself where no name is known."""
        return self.labs.get(developer or "") or clean(developer, 80) or "not known"

    @cached_property
    def access(self) -> dict[str, dict[str, Any]]:
        """The access of each model that holds tonight."""
        return {
            row["model"]: row
            for row in self.query(
                "model_access",
                """select * from model_access where from_on <= $night and (until_on is null or until_on > $night)
                   order by model, from_on""",
                night=self.night,
            )
        }

    @cached_property
    def frontier(self) -> dict[str, list[dict[str, Any]]]:
        """Frontier records of the tier "any" by scope, oldest first."""
        return self._by_scope(
            "frontier", "select * from frontier where tier = 'any' order by scope, edition, side, from_on"
        )

    @cached_property
    def time_to_parity(self) -> dict[str, list[dict[str, Any]]]:
        """Closed records of the tier "any" by scope, oldest first, one row a grade."""
        return self._by_scope(
            "time_to_parity",
            "select * from time_to_parity where tier = 'any' order by scope, edition, closed_on, closed_model, grade",
        )

    @cached_property
    def parity_events(self) -> dict[str, list[dict[str, Any]]]:
        """Parity events of the tier "any" that stand, by scope, newest first."""
        return self._by_scope(
            "parity_event",
            """select * from parity_event where tier = 'any' and state in ('confirmed', 'provisional', 'candidate')
               order by scope, open_on desc, closed_on desc, grade""",
        )

    @cached_property
    def survival(self) -> dict[tuple[str, str, str], dict[str, Any]]:
        """Median times by scope kind, scope and grade (tier "any")."""
        found = self.query("survival", "select * from survival where tier = 'any'")
        return {(row["scope_kind"], row["scope"], row["grade"]): row for row in found}

    @cached_property
    def claim_evidence(self) -> dict[str, list[dict[str, Any]]]:
        """The figures behind each claim, in the order of its rule."""
        return self._by(
            "claim_id",
            "claim_evidence",
            """select e.*, r.title, r.tolerance from claim_evidence e join claim_rule r using (claim_id, part)
               order by r.part_place, e.role, e.tier desc, e.scope""",
        )

    @cached_property
    def claim_vintages(self) -> dict[str, list[dict[str, Any]]]:
        """The verdicts on each claim as they were published, newest first."""
        return self._by(
            "claim_id",
            "claim_verdict_vintage",
            """select * from claim_verdict_vintage
               qualify row_number() over (partition by claim_id order by night desc) <= 400 order by night desc""",
        )

    def over_time(self, scope: str) -> list[dict[str, Any]]:
        """``gap_index`` of a composite over time (tier "any"), oldest first."""
        if scope not in self._over_time:
            self._over_time[scope] = self.query(
                "gap_index",
                """select night, gap, gap_lo, gap_hi, gap_nowcast_lo, gap_nowcast_hi, lag_days, lag_under, lag_over,
                       lag_lo, lag_hi, state
                   from gap_index
                   where scope = $scope and scope_kind in ('overall', 'domain') and tier = 'any' and gap is not null
                   order by night""",
                scope=scope,
            )
        return self._over_time[scope]

    @cached_property
    def scores(self) -> dict[str, list[dict[str, Any]]]:
        """The best row that counts of every model on every board edition, with its evidence, by board, best first."""
        return self._by(
            "board",
            "score",
            """select s.board, s.edition, s.model, s.source, s.name, s.value, s.self_reported, s.known_on, s.written,
                   s.url, s.sha256, s.fetched_at
               from score s join benchmark b using (board)
               where gone_since is null and value is not null
               qualify row_number() over (
                   partition by s.board, s.edition, s.model
                   order by s.self_reported, case when b.better = 'lower' then s.value else -s.value end, s.name) = 1
               order by s.board, s.edition desc, case when b.better = 'lower' then s.value else -s.value end, s.name""",
        )

    @cached_property
    def abilities(self) -> dict[str, list[dict[str, Any]]]:
        """Placed models by scope, ablest first."""
        return self._by_scope(
            "ability", "select * from ability where theta is not null order by scope, theta desc, model"
        )

    def _by_scope(self, table: str, text: str) -> dict[str, list[dict[str, Any]]]:
        return self._by("scope", table, text)

    def _by(self, column: str, table: str, text: str) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in self.query(table, text):
            found[row[column]].append(row)
        return dict(found)

    @cached_property
    def with_page(self) -> frozenset[str]:
        """Models that have a page: every placed model, every frontier record, every leader of a night."""
        placed = {row["model"] for found in self.abilities.values() for row in found}
        records = {row["model"] for found in self.frontier.values() for row in found}
        leaders = {row[f"{side}_model"] for row in self.tonight for side in ("open", "closed")}
        return frozenset((placed | records | leaders) - {None, ""})

    @cached_property
    def labs_with_page(self) -> frozenset[str]:
        """Labs of the models that have a page."""
        return frozenset(self.models[model]["developer"] for model in self.with_page if model in self.models) - {
            None,
            "",
        }

    @cached_property
    def influence(self) -> dict[str, list[dict[str, Any]]]:
        """What each group of boards does to a composite's gap (tier "any"), the strongest first."""
        return self._by_scope(
            "composite_influence",
            """select * from composite_influence where tier = 'any'
               order by scope, abs(closed_pull - open_pull) desc, "group" """,
        )

    @cached_property
    def scores_of(self) -> dict[str, list[dict[str, Any]]]:
        """The rows of `scores` by model."""
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for listed in self.scores.values():
            for row in listed:
                if row["model"] in self.with_page:
                    found[row["model"]].append(row)
        return dict(found)

    @cached_property
    def frontier_of(self) -> dict[str, list[dict[str, Any]]]:
        """Frontier records by model."""
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for listed in self.frontier.values():
            for row in listed:
                found[row["model"]].append(row)
        return dict(found)

    @cached_property
    def events_of(self) -> dict[str, list[dict[str, Any]]]:
        """Standing parity events by either model, the composites' first."""
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for listed in self.parity_events.values():
            for row in listed:
                found[row["open_model"]].append(row)
                found[row["closed_model"]].append(row)
        return dict(found)

    @cached_property
    def releases(self) -> dict[str, dict[str, Any]]:
        return {row["model"]: row for row in self.query("release", "select * from release where known")}

    @cached_property
    def prices(self) -> dict[str, list[dict[str, Any]]]:
        """The newest list price of each seller by model, cheapest first."""
        return self._by(
            "model",
            "price",
            """select * from price where input_usd is not null and output_usd is not null and name not like '%:%'
               qualify row_number() over (partition by model, source, provider order by known_on desc, name) = 1
               order by model, 3 * input_usd + output_usd, provider, source""",
        )

    @cached_property
    def scopes(self) -> frozenset[str]:
        """Scopes that have a page."""
        return frozenset(row["scope"] for row in self.tonight)

    @cached_property
    def held_back(self) -> int:
        """Pages, tables, rows and values that came tonight and are not believed: rows of `quarantine`."""
        found = self.query(
            "quarantine", "select count(*) as n from quarantine where known_on = $night", night=self.night
        )
        return int(found[0]["n"]) if found else 0

    @cached_property
    def abilities_of(self) -> dict[str, list[dict[str, Any]]]:
        """The rows of `abilities` by model, overall first."""
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for scope in sorted(self.abilities, key=lambda scope: (scope != "overall", scope)):
            for row in self.abilities[scope]:
                found[row["model"]].append(row)
        return dict(found)

    @cached_property
    def ranks(self) -> dict[str, tuple[int, dict[str, Any]]]:
        """Place and row of every model on the overall scale."""
        return {row["model"]: (place, row) for place, row in enumerate(self.abilities.get("overall", []), start=1)}

    @cached_property
    def draws(self) -> dict[str, np.ndarray[Any, np.dtype[np.float64]]]:
        """Joint draws of overall ability by model."""
        import numpy as np  # a sixth of a second, which `gapindex show` does not need

        found = self.query("ability_draw", "select model, draws from ability_draw where scope = 'overall'")
        return {row["model"]: np.asarray(row["draws"], dtype=np.float64) for row in found}

    def rivals(self, model: str, each_way: int = 5) -> list[tuple[str, float, float]]:
        """The models next above and below: name, difference of ability, probability that this model is abler."""
        if model not in self.ranks or model not in self.draws:
            return []
        place, row = self.ranks[model]
        listed = self.abilities["overall"][max(0, place - 1 - each_way) : place + each_way]
        mine = self.draws[model]
        found = []
        for other in listed:
            if other["model"] != model and other["model"] in self.draws:
                theirs = self.draws[other["model"]]
                probability = float((mine > theirs).mean() + 0.5 * (mine == theirs).mean())
                found.append((other["model"], row["theta"] - other["theta"], probability))
        return found

    @cached_property
    def announcements(self) -> dict[str, list[dict[str, Any]]]:
        """Announcements that name a release, by lab, newest first."""
        return self._by(
            "lab", "announcement", "select * from announcement where is_release order by lab, published_on desc, title"
        )
