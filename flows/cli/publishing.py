"""The commands that give the current publication to others: ``publish`` and ``eval-records``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from flows.cli.options import (
    Exit,
    data_option,
    folder_of,
    json_option,
    print_json,
    published,
    stop,
)
from flows.cli.screen import err, out, plain
from warehouse.publication import current


@click.command("publish")
@click.option("--to", required=True, help="A folder, s3://BUCKET/PREFIX, or hf://datasets/OWNER/NAME.")
@data_option
@json_option
def publish(to: str, data: Path | None, as_json: bool) -> None:
    """Publishes the data set of what is published here to a folder, to S3 storage or to the Hugging Face Hub.

    The files of a night come first, then one atomic step makes them current: readers see the old night or the new one.
    The same night a second time sends nothing, and an older night never replaces a later one.  Keys come from the
    environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT_URL; HF_TOKEN.
    """
    folder = folder_of(data)
    publication = current(folder)
    if publication is None:
        stop(Exit.NOTHING_YET, f"nothing is published in {folder}; run `gapindex run` first, or give --data")
    from flows.publishing.package import CannotPublish, package_of  # as below: needed by this command alone
    from flows.publishing.targets import publish_to

    try:
        with err.status(f"publishing to {to}"):
            outcome = publish_to(package_of(publication.folder), to)
    except CannotPublish as error:
        stop(Exit.UNDELIVERED, str(error))
    except OSError as error:
        stop(Exit.NO_DISK, f"{to} cannot be written: {error}")
    if as_json:
        print_json(asdict(outcome))
        return
    sent = f", {outcome.sent} files, {outcome.bytes / 1e6:.1f} MB" if outcome.sent else ""
    out.print(f"{outcome.result}  {plain(outcome.target)}  {outcome.current}{sent}", soft_wrap=True, highlight=False)


@click.command("eval-records")
@click.option(
    "--to", type=click.Path(path_type=Path), required=True, help="A folder; records are added below its folder data/."
)
@data_option
@json_option
def eval_records(to: Path, data: Path | None, as_json: bool) -> None:
    """Writes the published scores as Every Eval Ever records, one JSON file for each board and model.

    Composites are left out, because they average other evaluations, and models whose developer is not known.  The same
    scores give the same files.
    """
    with published(data) as db, err.status(f"writing records to {to}"):
        from warehouse.dataset.eval_records import write_eval_records  # needed by this command alone

        try:
            written = write_eval_records(db, to)
        except OSError as error:
            stop(Exit.NO_DISK, f"{to} cannot be written: {error}")
    if as_json:
        print_json(asdict(written))
        return
    out.print(
        f"{written.files} records of {written.scores} scores in {plain(str(to))}; left out: {written.composites} scores"
        f" of composites, {written.without_developer} of models without a known developer",
        soft_wrap=True,
        highlight=False,
    )
