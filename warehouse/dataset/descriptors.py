"""Descriptors that standard tools read: ``datapackage.json`` (Frictionless) and ``croissant.json`` (MLCommons).

Both are derived from the tables' comments, keys and types and from the files' sizes and digests, so they cannot differ
from the data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from warehouse.dataset.files import DataFile
from warehouse.dataset.tables import Column, PublicTable

NAME = "gapindex"
TITLE = "gapindex: how far open-weight AI models are behind closed ones"
DESCRIPTION = (
    "Measured every night from public leaderboards, announcements, registries and price lists: the gap between the "
    "best open-weight and the best closed AI models in score, in days and in price, with intervals, parity events, "
    "verdicts on claims, and the address and digest of the page behind every number."
)
LICENCE = "other"
"""Facts and figures read from sources whose licences differ; the card lists each with its attribution."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """A source as it wants to be named; ``licence`` in its own words."""

    source: str
    title: str
    homepage: str
    licence: str
    attribution: str


def resource_name(table: str, file: DataFile) -> str:
    """The name of a file in the descriptors: ``score``, ``score-latest``, ``score-latest-csv``."""
    parts = [table.replace("_", "-"), *(["latest"] if file.shape == "latest" else [])]
    return "-".join([*parts, *(["csv"] if file.format == "csv" else [])])


# --- Frictionless -------------------------------------------------------------------------------

_FIELD_TYPE = {"BOOLEAN": "boolean", "DATE": "date", "VARCHAR": "string"}
_CSV_ONLY: dict[str, dict[str, Any]] = {"boolean": {"trueValues": ["true"], "falseValues": ["false"]}}


def data_package(
    tables: Sequence[PublicTable],
    files: Mapping[str, Sequence[DataFile]],
    night: date,
    attributions: Sequence[Attribution],
) -> dict[str, Any]:
    """The descriptor of the data package: a resource for each file.

    A NULL of an integer column reads as NaN where pandas reads Parquet, hence the second of the ``missingValues``.
    """
    return {
        "name": NAME,
        "title": TITLE,
        "description": DESCRIPTION,
        "version": night.isoformat(),
        "sources": [{"title": f"{one.title} ({one.licence})", "path": one.homepage} for one in attributions],
        "resources": [_resource(table, file) for table in tables for file in files[table.name]],
    }


def _resource(table: PublicTable, file: DataFile) -> dict[str, Any]:
    return {
        "name": resource_name(table.name, file),
        "path": file.path,
        "type": "table",
        "description": table.about,
        "format": file.format,
        "mediatype": "text/csv" if file.format == "csv" else "application/vnd.apache.parquet",
        **(_checked_bytes(file) if file.format == "csv" else {}),
        "schema": {
            "fields": [_field(column, file) for column in table.columns],
            "primaryKey": list(table.key),
            "missingValues": ["", "nan"],
        },
    }


def _checked_bytes(file: DataFile) -> dict[str, Any]:
    """Size and digest.  Frictionless counts no bytes of Parquet and finds any number wrong; Croissant has them."""
    return {"encoding": "utf-8", "bytes": file.bytes, "hash": f"sha256:{file.sha256}", "rows": file.rows}


def _field(column: Column, file: DataFile) -> dict[str, Any]:
    kind = _field_type(column.type)
    if kind == "array" and file.format == "parquet":
        kind = "any"  # Frictionless reads a list of Parquet as an array of numpy, and that is no array to it
    form = _CSV_ONLY.get(kind, {}) if file.format == "csv" else {}
    return {"name": column.name, "type": kind, **form, "description": column.about}


def _field_type(duckdb_type: str) -> str:
    if duckdb_type.endswith("[]"):
        return "array"
    if duckdb_type.startswith("TIMESTAMP"):
        return "datetime"
    if duckdb_type.endswith(("INT", "INTEGER")):
        return "integer"
    return _FIELD_TYPE.get(duckdb_type, "number")


# --- Croissant ----------------------------------------------------------------------------------

_DATA_TYPE = {"boolean": "sc:Boolean", "date": "sc:Date", "datetime": "sc:DateTime", "integer": "sc:Integer"}
_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}


def croissant(
    tables: Sequence[PublicTable],
    files: Mapping[str, Sequence[DataFile]],
    night: date,
    attributions: Sequence[Attribution],
) -> dict[str, Any]:
    """The description of the Parquet files, one record set for each."""
    parquet = [(table, file) for table in tables for file in files[table.name] if file.format == "parquet"]
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": NAME,
        "description": f"{TITLE}. {DESCRIPTION}",
        "license": sorted({one.licence for one in attributions}),
        "citeAs": f"{TITLE}, night {night}",
        "datePublished": night.isoformat(),
        "version": f"1.0.{night:%Y%m%d}",
        "creator": {"@type": "Organization", "name": "gapindex"},
        "distribution": [_file_object(table, file) for table, file in parquet],
        "recordSet": [_record_set(table, file) for table, file in parquet],
    }


def _file_object(table: PublicTable, file: DataFile) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": file.path,
        "name": resource_name(table.name, file),
        "contentUrl": file.path,
        "contentSize": f"{file.bytes} B",
        "encodingFormat": "application/x-parquet",
        "sha256": file.sha256,
    }


def _record_set(table: PublicTable, file: DataFile) -> dict[str, Any]:
    name = resource_name(table.name, file)
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": table.about,
        "key": [{"@id": f"{name}/{column}"} for column in table.key],
        "field": [_croissant_field(name, file, column) for column in table.columns],
    }


def _croissant_field(record_set: str, file: DataFile, column: Column) -> dict[str, Any]:
    repeated = column.type.endswith("[]")
    kind = _field_type(column.type.removesuffix("[]"))
    return {
        "@type": "cr:Field",
        "@id": f"{record_set}/{column.name}",
        "name": f"{record_set}/{column.name}",
        "description": column.about,
        "dataType": "sc:Text" if kind == "string" else _DATA_TYPE.get(kind, "sc:Float"),
        **({"repeated": True} if repeated else {}),
        "source": {"fileObject": {"@id": file.path}, "extract": {"column": column.name}},
    }
