"""The composite's gap by country of the developer: closed models of one country, open-weight models of another.

Many people ask how far Chinese open weights are behind closed American models.  It is the same gap, frontier and draws
as in `ability_band`, of fewer models; a developer's country is a column of seeds/developer.csv.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pyarrow as pa

from warehouse.measures.bands import ABILITY_BAND, Stretch, frontiers_of
from warehouse.measures.contract import PythonModel

PAIRS = (("US", "CN"), ("US", "US"))
"""Country of the closed models and of the open ones."""


def country_band(db: duckdb.DuckDBPyConnection) -> pa.Table:
    """``computed.country_band``: the rows of `ability_band` per pair of countries."""
    country = dict(
        db.execute(
            """select n.model, coalesce(d.country, '')
               from staging.resolved_model n
               left join seed.model m using (model)
               left join seed.developer d on d.developer = coalesce(m.developer, n.developer)"""
        ).fetchall()
    )

    parts = []
    for closed, open_ in PAIRS:

        def chosen(stretches: Sequence[Stretch], closed: str = closed, open_: str = open_) -> Sequence[Stretch]:
            return [s for s in stretches if country.get(s.model) == (closed if s.side == "closed" else open_)]

        parts.append(frontiers_of(db, chosen, {"closed_country": closed, "open_country": open_}))
    return pa.concat_tables(parts)


COUNTRY_BAND = PythonModel(
    name="country_band",
    needs=ABILITY_BAND.needs | {("staging", "resolved_model")},
    make=country_band,
    inputs=ABILITY_BAND.inputs | {("seed", "model"), ("seed", "developer")},
)
