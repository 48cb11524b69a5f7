"""Critical values of the standard normal for Holm's step-down test: SQL has no normal quantile."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
from scipy.special import ndtri

from warehouse.measures.contract import PythonModel

LEVEL = 0.05
"""One-sided error of a parity or lead test (METHOD section 4)."""

LARGEST = 2_000
"""Most models that one night can bring to one instrument."""


def critical_values(_db: duckdb.DuckDBPyConnection) -> pa.Table:
    """``left``: hypotheses not yet rejected, 1 and up; ``z``: what the smallest of them has to exceed."""
    left = np.arange(1, LARGEST + 1)
    return pa.table({"left": left, "z": np.round(-ndtri(LEVEL / left), 12)})


PYTHON_MODEL = PythonModel(name="critical", needs=frozenset(), make=critical_values)
