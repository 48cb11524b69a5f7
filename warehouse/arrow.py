"""Columns as Arrow tables, made of their bytes: `pyarrow.array` of a list imports pandas, for half a second."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from collectors.columns import RANGES, Column, Kind, cells, column
from collectors.sanitize import whole_text

_TYPES: Mapping[Kind, pa.DataType] = {
    "text": pa.string(),
    "float": pa.float64(),
    "int": pa.int64(),
    "bool": pa.bool_(),
    "date": pa.date32(),
    "moment": pa.timestamp("us"),
}


def arrow_table(columns: Mapping[str, Column], rows: int) -> pa.Table:
    """The columns as a table of so many rows; raises ValueError or TypeError for one that is not what it says."""
    arrays = [arrow_array(one, rows) for one in columns.values()]
    return pa.Table.from_arrays(arrays, names=list(columns))


def arrow_array(one: Column, rows: int) -> pa.Array:
    """A column, checked: its bytes may come from a process that is not trusted.

    Raises ValueError or TypeError.  A microsecond of no year that Python has would make the whole store unusable.
    """
    if one.kind in RANGES:
        first, last = RANGES[one.kind]
        numbers = np.frombuffer(one.values, np.int32 if one.kind == "date" else np.int64)
        if numbers.min(initial=0) < first or numbers.max(initial=0) > last:
            raise ValueError(f"a {one.kind} outside the years 1 to 9999")
    valid = _bits(one.valid, rows) if one.valid else None
    values = pa.py_buffer(_bits(one.values, rows) if one.kind == "bool" else one.values)
    buffers = [values] if one.kind != "text" else [pa.py_buffer(one.ends), values]
    array = pa.Array.from_buffers(_TYPES[one.kind], rows, [valid and pa.py_buffer(valid), *buffers])
    try:
        array.validate(full=True)
    except pa.ArrowInvalid:
        if one.kind != "text":
            raise
        # The half characters that a site leaves where it cuts an emoji in two are no UTF-8.
        whole = [None if text is None else whole_text(text) for text in cells(one, rows)]
        return arrow_array(column("text", whole), rows)
    return array


def table_of(kinds: Mapping[str, Kind], rows: Sequence[Sequence[Any]]) -> pa.Table:
    """Rows of plain values as a table; at least one row."""
    by_field = zip(*rows, strict=True)
    made = {name: column(kind, values) for (name, kind), values in zip(kinds.items(), by_field, strict=True)}
    return arrow_table(made, len(rows))


def _bits(truths: bytes, rows: int) -> bytes:
    """Truths of a byte each as bits, the lowest first, as Arrow has them."""
    return np.packbits(np.frombuffer(truths, np.uint8, rows), bitorder="little").tobytes()
