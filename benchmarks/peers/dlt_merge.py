"""The peer of `benchmarks.load`: dlt merges a night's scores as a slowly changing dimension (SCD2), Parquet loader.

    python dlt_merge.py [--rows] FOLDER NIGHT

Reads ``FOLDER/NIGHT/*.json``, with ``--rows`` ``FOLDER/NIGHT.parquet``, whose column ``version`` is a hash of the row;
writes ``FOLDER/dlt.duckdb``.  Run by the Python of an environment with dlt.txt.
"""

import json
import sys
from pathlib import Path

import dlt  # type: ignore[import-not-found]  # in an environment of its own

folder, night = Path(sys.argv[-2]), sys.argv[-1]
of_rows = sys.argv[1] == "--rows"
disposition = {"disposition": "merge", "strategy": "scd2"} | ({"row_version_column_name": "version"} if of_rows else {})


@dlt.resource(name="score", primary_key=("board", "name"), write_disposition=disposition)
def score():  # type: ignore[no-untyped-def]
    """Rows of every page."""
    if of_rows:
        import pyarrow.parquet as pq

        yield pq.read_table(folder / f"{night}.parquet")
        return
    for page in sorted((folder / night).glob("*.json")):
        yield json.loads(page.read_bytes())


pipeline = dlt.pipeline(
    pipeline_name="scores",
    pipelines_dir=str(folder / "dlt"),
    destination=dlt.destinations.duckdb(str(folder / "dlt.duckdb")),
    dataset_name="main_scores",
)
pipeline.run(score, loader_file_format="parquet")
