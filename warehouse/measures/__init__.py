"""Computations that SQL cannot express (fits, draws), each with one table in schema ``computed``.

A module here has two parts: pure functions over arrays, and a `PythonModel` that reads its input from staging tables
and returns a table.  SQL reads ``computed.<name>`` like any other table.
"""

from __future__ import annotations

from warehouse.measures import abilities, bands, countries, critical, exposure, realtime, times
from warehouse.measures.contract import PythonModel

PYTHON_MODELS: dict[str, PythonModel] = {
    fit.name: fit
    for fit in (
        *realtime.PYTHON_MODELS,
        *abilities.PYTHON_MODELS,
        bands.BAND,
        bands.ABILITY_BAND,
        countries.COUNTRY_BAND,
        critical.PYTHON_MODEL,
        exposure.EXPOSURE,
        times.SURVIVAL,
        times.TREND,
    )
}
