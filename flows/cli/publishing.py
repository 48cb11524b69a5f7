"""The command ``publish``: the data set of the current publication, to a place where others read it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from flows.cli.options import AsJson, Data, Exit, print_json, settings_of, stop
from flows.cli.screen import err, out, plain
from warehouse.publish import current


def publish(
    to: Annotated[str, typer.Option("--to", help="A folder, s3://BUCKET/PREFIX, or hf://datasets/OWNER/NAME.")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Publishes the data set of what is published here to a folder, to S3 storage or to the Hugging Face Hub.

    The files of a night come first, then one atomic step makes them current: readers see the old night or the new one.
    The same night a second time sends nothing, and an older night never replaces a later one.  Keys come from the
    environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT_URL; HF_TOKEN.
    """
    folder = settings_of(data, None).data
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
