"""What SQL cannot say: fits and draws, as pure functions over arrays, each with one table in schema ``fit``.

A module here has two halves: functions that know numbers only, and a `PythonModel` that reads its input from
staging tables and hands back a table.  SQL reads ``fit.<name>`` like any other table.
"""

from __future__ import annotations

from warehouse.measures import abilities, bands, critical, times
from warehouse.measures.contract import PythonModel

PYTHON_MODELS: dict[str, PythonModel] = {
    fit.name: fit
    for fit in (
        *abilities.PYTHON_MODELS,
        bands.BAND,
        bands.ABILITY_BAND,
        critical.PYTHON_MODEL,
        times.SURVIVAL,
        times.TREND,
    )
}
