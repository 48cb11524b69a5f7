"""Stage 4, publish: the tables of a build become the publication, and a full night its vintage.

`warehouse.publish` moves one link, so that readers see the old tables or the new ones.
"""

from __future__ import annotations

import logging
from datetime import date
from functools import partial
from pathlib import Path

import duckdb

from warehouse import vintages
from warehouse.memory import with_enough
from warehouse.publication import Publication, current, sweep
from warehouse.report.options import SiteOptions
from warehouse.scope import RunScope

_log = logging.getLogger(__name__)


def publish(db: duckdb.DuckDBPyConnection, data: Path, night: date, scope: RunScope, site: SiteOptions) -> Publication:
    """Publishes a checked build; a full night settles its vintage, which no later run changes."""
    from warehouse.publish import publish as write_publication  # templates and tables, which only news needs

    publication = with_enough(db, partial(write_publication, db, data, night, scope=scope.kind, site=site))
    if scope.full:
        vintages.settle(data, publication.folder, night)
    return publication


def settle_previous(data: Path) -> None:
    """Settles the vintage of the current publication, as a full night may have died between publishing and settling,
    and removes what a run that died before that has left."""
    sweep(data)
    before = current(data)
    if before is not None and before.scope == "full":
        try:
            vintages.settle(data, before.folder, before.night)
        except (duckdb.IOException, duckdb.InterruptException):
            raise
        except duckdb.Error as error:  # a damaged file, which must not cost this night and every later one
            _log.warning("the night of %s has no vintage, as its tables cannot be read: %s", before.night, error)
