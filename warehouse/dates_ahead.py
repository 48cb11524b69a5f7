"""No date of a published table lies beyond the night: when we knew of something, and dates that count as facts.

The columns are those of the catalogue, so that a new one is checked without being named.  What a source says of its own
plans (a price valid from tomorrow, a release date ahead) may lie beyond the night, and is named here with the reason.
"""

from __future__ import annotations

import duckdb

AHEAD_BY_RIGHT = {
    "announcement.published_on": "the date that the feed gives",
    "announcement_model.published_on": "the date that the feed gives",
    "incident.started_at": "maintenance is announced ahead",
    "incident.ended_at": "maintenance is announced ahead",
    "page_fetch.fetched_at": "an instant: a night ends after midnight",
    "price.valid_from": "a price list may announce a change",
    "release_by_source.happened_on": "a source may announce a release",
    "score.fetched_at": "an instant: a night ends after midnight",
    "score.scored_on": "the date that the board gives; gate G9 watches it",
    "score_history.scored_on": "the date that the board gives; gate G9 watches it",
}


def dates_ahead(db: duckdb.DuckDBPyConnection) -> list[tuple[str, int, str]]:
    """``table.column`` of schema ``marts`` with dates beyond the night of the build, how many, and the latest."""
    dated = db.execute(
        """select table_name, column_name from duckdb_columns()
           where schema_name = 'marts' and regexp_matches(data_type, '^(DATE|TIMESTAMP)') order by all"""
    ).fetchall()
    if not dated:
        return []
    asked = [
        f"""select '{table}.{column}' as place, count(*) as n, max("{column}")::varchar as latest
            from marts."{table}" where "{column}" > night()"""
        for table, column in dated
        if f"{table}.{column}" not in AHEAD_BY_RIGHT
    ]
    return db.execute(f"select * from ({' union all '.join(asked)}) where n > 0 order by all").fetchall()
