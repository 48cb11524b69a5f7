"""The dataset card: ``README.md`` with the metadata the Hugging Face Hub reads, and what a person wants to know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import yaml

from warehouse.dataset.descriptors import DESCRIPTION, LICENCE, TITLE, Attribution
from warehouse.dataset.files import DataFile
from warehouse.dataset.tables import PublicTable

FIRST = (
    "gap_index",
    "frontier",
    "parity_event",
    "time_to_parity",
    "claim_verdict",
    "score",
    "model",
    "model_access",
    "model_choice",
    "price",
    "benchmark",
    "source_health",
)
"""The tables to begin with; the others are detail."""


def card(
    tables: Sequence[PublicTable],
    files: Mapping[str, Sequence[DataFile]],
    night: date,
    attributions: Sequence[Attribution],
) -> str:
    """The card as Markdown, front matter first."""
    metadata = yaml.safe_dump(_metadata(tables, files), sort_keys=False, allow_unicode=True, width=100)
    ordered = sorted(tables, key=lambda one: (FIRST.index(one.name) if one.name in FIRST else len(FIRST), one.name))
    latest = sum(file.bytes for found in files.values() for file in found if _is(file, "parquet", "latest"))
    lines = [
        "---",
        metadata.rstrip(),
        "---",
        "",
        f"# {TITLE}",
        "",
        f"Night {night}. {DESCRIPTION}",
        "",
        "Each table is a configuration with the split `full`, every row, and where it has a history the split",
        f"`latest`, what stands tonight ({latest / 1e6:.1f} MB for all of them). Every file of Parquet carries the",
        "comments of its columns and its key in its metadata; `datapackage.json` and `croissant.json` describe the",
        "files for tools, `manifest.json` has their digests, `changelog.md` what is new since the night before.",
        "",
        "```python",
        "from datasets import load_dataset",
        "",
        'tonight = load_dataset("OWNER/NAME", "gap_index", split="latest")',
        "```",
        "",
        "## Tables",
        "",
        "The first twelve are those to begin with.",
        "",
        "| table | rows | latest | key | what one row is |",
        "|---|---|---|---|---|",
        *(_row(table, files[table.name]) for table in ordered),
        "",
        "## Sources, licences and attribution",
        "",
        "Facts and figures were read from these places; each row that states one has the page's address and sha256.",
        "The pages are not included. Licences are the sources' own: whoever passes a table on names the sources in it.",
        "",
        "| source | what | licence | attribution |",
        "|---|---|---|---|",
        *(
            f"| {one.source} | [{_cell(one.title)}]({one.homepage}) | {_cell(one.licence)} | {_cell(one.attribution)} |"
            for one in attributions
        ),
        "",
    ]
    return "\n".join(lines)


def _metadata(tables: Sequence[PublicTable], files: Mapping[str, Sequence[DataFile]]) -> dict[str, Any]:
    return {
        "pretty_name": TITLE,
        "license": LICENCE,
        "license_name": "per-source",
        "license_link": "README.md",
        "language": ["en"],
        "tags": ["benchmark", "evaluation", "leaderboard", "open-weights", "llm"],
        "size_categories": ["100K<n<1M"],
        "configs": [
            {
                "config_name": table.name,
                **({"default": True} if table.name == "gap_index" else {}),
                "data_files": [
                    {"split": file.shape, "path": file.path} for file in files[table.name] if file.format == "parquet"
                ],
            }
            for table in tables
            if any(file.rows for file in files[table.name])  # the viewer refuses a configuration without rows
        ],
    }


def _row(table: PublicTable, files: Sequence[DataFile]) -> str:
    full = next(file.rows for file in files if _is(file, "parquet", "full"))
    latest = next((str(file.rows) for file in files if _is(file, "parquet", "latest")), "")
    return f"| `{table.name}` | {full} | {latest} | {', '.join(table.key)} | {_cell(table.about)} |"


def _is(file: DataFile, form: str, shape: str) -> bool:
    return file.format == form and file.shape == shape


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
