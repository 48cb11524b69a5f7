"""What SQL cannot say: fits and draws, as pure functions over arrays, each with one table in schema ``fit``.

A module here has two halves: functions that know numbers only, and a `Fit` that reads its input from
staging tables and hands back a table.  SQL reads ``fit.<name>`` like any other table.
"""

from __future__ import annotations

from warehouse.measures import abilities, bands, countries, critical, exposure, times
from warehouse.measures.contract import Fit

FITS: dict[str, Fit] = {
    fit.name: fit
    for fit in (
        *abilities.FITS,
        bands.BAND,
        bands.ABILITY_BAND,
        countries.COUNTRY_BAND,
        critical.FIT,
        exposure.EXPOSURE,
        times.SURVIVAL,
        times.TREND,
    )
}
