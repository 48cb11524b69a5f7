"""A build that takes unchanged tables from an earlier one, against one that computes them all."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest
from examples import Example, board, closed, excluded, marts, opened, score
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from warehouse.build import _some_parts, built
from warehouse.lineage import Place, graph, in_order
from warehouse.measures import PYTHON_MODELS
from warehouse.statements import Parts, all_statements, prepare
from warehouse.table_cache import RUN, TableCache, run_values

FIRST, SECOND = "2026-06-14", "2026-06-15"
MODELS = (closed("Cee", api="2026-01-01"), opened("Oh", weights="2026-02-01"), opened("Up", weights="2026-03-01"))


def example(folder: Path) -> Example:
    """Two boards that two nights saw, the second with one more row."""
    example = Example(folder, board(), board("second"))
    rows = (score("Cee", 60, stderr=1), score("Oh", 50, stderr=1), score("Cee", 30, board="second"))
    example.saw(FIRST, *MODELS, *rows, score("Oh", 20, board="second"), excluded("Human", "human baseline"))
    example.saw(SECOND, *MODELS, *rows, score("Oh", 20, board="second"), score("Up", 61, stderr=1))
    example.ingest()
    return example


def tables(example: Example, night: str, cache: Path | None = None) -> dict[str, list[tuple[object, ...]]]:
    """Every mart of a night, but for the digest of the run's inputs."""
    with built(example.store, date.fromisoformat(night), example.sources, bundled=False, cache=cache) as db:
        return marts(db)


def computed(example: Example, night: str, cache: Path, monkeypatch: pytest.MonkeyPatch) -> set[Place]:
    """The tables that a build with a cache did compute."""
    done: set[Place] = set()
    whole = TableCache.make

    def make(self: TableCache, place: Place, compute, contents, recipe) -> None:
        def noted() -> None:
            done.add(place)
            compute()

        whole(self, place, noted, contents, recipe)

    with monkeypatch.context() as patch:
        patch.setattr(TableCache, "make", make)
        patch.setattr("warehouse.table_cache.WORTH_KEEPING", 0.0)
        tables(example, night, cache)
    return done


def test_the_same_night_again_computes_only_what_carries_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy, cache = example(tmp_path), tmp_path / "cache"
    every = computed(toy, FIRST, cache, monkeypatch)
    again = computed(toy, FIRST, cache, monkeypatch)
    assert ("computed", "band") in every
    shipped = all_statements()
    of_the_run = {place for place in graph() if place in shipped and "run_id" in run_values(shipped[place].text)}
    wide = {place for place in again - of_the_run if place[0] != "computed"}
    assert ("computed", "band") not in again
    assert ("staging", "frontier_state") not in again
    with built(toy.store, date.fromisoformat(FIRST), toy.sources, bundled=False) as db:
        not_of_parquet = db.execute("select schema_name, table_name from duckdb_columns() where data_type = 'HUGEINT'")
        views = {place for place, one in shipped.items() if one.kind == "view"}
        assert wide <= set(not_of_parquet.fetchall()) | views


def test_a_night_with_the_tables_of_an_earlier_one_has_the_same_rows(tmp_path: Path) -> None:
    toy, cache = example(tmp_path), tmp_path / "cache"
    plain = {night: tables(toy, night) for night in (FIRST, SECOND)}
    for night in (FIRST, SECOND, FIRST):
        assert tables(toy, night, cache) == plain[night]


ROW = st.builds(
    score,
    st.sampled_from(["Cee", "Oh", "Up"]),
    st.sampled_from([40, 50, 60.5]),
    board=st.sampled_from(["toy", "second"]),
    stderr=st.just(1),
)
ROWS = st.lists(ROW, min_size=1, max_size=5, unique_by=lambda row: (row["board"], row["name"]))
NIGHTS = st.lists(ROWS, min_size=2, max_size=2)


@settings(
    max_examples=2, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(nights=NIGHTS)
def test_any_history_gives_the_same_tables_with_a_cache(
    nights: list[list[dict[str, object]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("history")
    toy = Example(folder, board(), board("second"))
    for day, rows in enumerate(nights, start=1):
        night = f"2026-06-{day:02d}"
        toy.saw(night, *MODELS, *rows)
        toy.ingest()
        assert tables(toy, night, folder / "cache") == tables(toy, night)


PARTED: dict[Place, Parts] = {place: one.parts for place, one in all_statements().items() if one.parts} | {
    ("computed", name): model.parts for name, model in PYTHON_MODELS.items() if model.parts
}


def test_only_the_parts_with_news_are_computed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of two boards moves on the second night: what the other one gave is taken from the first night.

    Both boards are of one source, so tables with a part a source are computed whole.
    """
    first, second = "2026-06-16", "2026-06-17"  # of one week: on a Monday the revisions have new weeks
    toy, cache = Example(tmp_path, board(), board("second")), tmp_path / "cache"
    other = (score("Cee", 30, board="second", stderr=1), score("Oh", 31, board="second", stderr=1))
    toy.saw(first, *MODELS, score("Cee", 60, stderr=1), score("Oh", 60, stderr=1))
    toy.saw(first, *other, url="https://toy.example/second")
    toy.saw(second, *MODELS, score("Cee", 60, stderr=1), score("Oh", 60.5, stderr=1))
    toy.ingest()
    plain = tables(toy, second)
    computed: dict[Place, list[str]] = {}

    def noted(db: duckdb.DuckDBPyConnection, place: Place, chosen: set[str]) -> str:
        computed[place] = sorted(chosen)
        return _some_parts(db, place, chosen)

    monkeypatch.setattr("warehouse.build._some_parts", noted)
    tables(toy, first, cache)
    assert computed == {}, "a first build has nothing to take"
    assert tables(toy, second, cache) == plain
    assert computed == {place: ["toy"] for place, parts in PARTED.items() if parts.column != "source"}


def test_a_statement_has_the_parts_that_it_declares(tmp_path: Path) -> None:
    """Its column, the tables it names and theirs are there; it takes nothing from the night, which is new each day."""
    toy = example(tmp_path)
    with built(toy.store, date.fromisoformat(FIRST), toy.sources, bundled=False, only=[*PARTED]) as db:
        columns = set(db.execute("select schema_name, table_name, column_name from duckdb_columns()").fetchall())
    shipped = all_statements()
    for place, parts in PARTED.items():
        one = shipped.get(place)
        assert parts.by.keys() <= (one.reads if one else PYTHON_MODELS[place[1]].reads)
        assert one is None or (one.kind == "table" and "night" not in run_values(one.text))
        assert {(*place, parts.column), *((*of, column) for of, column in parts.by.items())} <= columns


def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("warehouse.table_cache.WORTH_KEEPING", 0.0)
    toy, cache = example(tmp_path), tmp_path / "cache"
    whole = tables(toy, SECOND, cache)
    for file in sorted(cache.glob("*.parquet")):
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    assert tables(toy, SECOND, cache) == whole


def test_what_a_dead_run_left_and_what_is_replaced_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("warehouse.table_cache.WORTH_KEEPING", 0.0)
    toy, cache = example(tmp_path), tmp_path / "cache"
    tables(toy, FIRST, cache)
    (cache / "staging.score.0.0.part").write_bytes(b"half a tab")
    for day in range(15, 18):
        tables(toy, f"2026-06-{day}", cache)
    files = [file.name.split(".")[:2] for file in cache.iterdir()]
    assert max(files.count(one) for one in files) == 2
    assert not list(cache.glob("*.part"))


def test_a_macro_says_what_a_statement_takes_from_the_run() -> None:
    assert run_values("select night() as n") == {"night"}
    assert run_values("select composite_edition()") == {"method_version"}, "through another macro"
    assert run_values("select 1 as night") == frozenset()
    assert run_values("from input.night") == RUN


def test_a_python_model_reads_nothing_but_what_it_declares(tmp_path: Path) -> None:
    """Its key is made from what it declares, so a table it read besides could change unseen."""
    toy = example(tmp_path)
    with built(toy.store, date.fromisoformat(SECOND), toy.sources, bundled=False) as db:
        for place in in_order(graph()):
            if place[0] != "computed":
                continue
            model = PYTHON_MODELS[place[1]]
            with duckdb.connect(":memory:") as alone:
                prepare(alone)
                alone.execute("drop table input.night")
                for schema, name in sorted(model.reads):
                    chosen = "night" if (schema, name) == ("input", "night") else "*"
                    rows = db.sql(f"select {chosen} from {schema}.{name}").to_arrow_table()
                    alone.register("rows", rows)
                    alone.execute(f"create table {schema}.{name} as from rows")
                    alone.unregister("rows")
                given, expected = model.make(alone), db.sql(f"from computed.{place[1]}").to_arrow_table()
            assert sorted(map(repr, given.to_pylist())) == sorted(map(repr, expected.to_pylist())), place
