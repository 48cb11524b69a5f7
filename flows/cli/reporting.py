"""The command ``report``: the site of a publication, built, opened, served, and its picture."""

from __future__ import annotations

import functools
import webbrowser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import click

from flows.cli.options import (
    Exit,
    data_option,
    settings_of,
    stop,
)
from flows.cli.screen import err, out, plain
from flows.sql_engine import site_options
from warehouse.publication import current

PORT = 8750


@click.command("report")
@click.option("--open", "open_", is_flag=True, help="Open the first page in the browser.")
@click.option("--serve", is_flag=True, help="Serve the site on this machine until Ctrl-C.")
@click.option("--port", type=int, default=PORT, help="Where --serve listens, on 127.0.0.1.")
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    help="Build into this folder (default: published/site in the data folder).",
)
@click.option(
    "--picture", type=click.Path(path_type=Path), help="Write the picture of the first page here, and no site."
)
@data_option
def report(open_: bool, serve: bool, port: int, into: Path | None, picture: Path | None, data: Path | None) -> None:
    """Builds the report site of what is published, as every night does; pages that are the same are not written again.

    The site opens from a file and from any static host. GAPINDEX_SITE_URL names the address it will stand at.
    --picture writes gap-light and gap-dark as SVG and PNG.
    """
    settings = settings_of(data, None)
    publication = current(settings.data)
    if publication is None:
        stop(Exit.NOTHING_YET, f"nothing is published in {settings.data}; run `gapindex run` first, or give --data")
    from warehouse.report import site  # the chart library, which no other command needs

    if picture is not None:
        written = site.write_pictures(publication.folder, picture)
        if not written:
            stop(Exit.NOTHING_YET, "there is no picture to draw: the index has no gap overall yet")
        out.print("\n".join(plain(str(file)) for file in written), soft_wrap=True, highlight=False)
        return
    with err.status("building the site"):
        built = site.build(
            publication.folder, (into or publication.folder / "site").absolute(), options=site_options(settings)
        )
    first = built.folder / "index.html"
    out.print(
        f"{plain(str(first))}  night {publication.night}, {built.files} files, {built.written} written",
        soft_wrap=True,
        highlight=False,
    )
    if serve:
        _serve(built.folder, port, open_=open_)
    elif open_:
        webbrowser.open(first.as_uri())


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the terminal belongs to whoever started the command."""


def _serve(folder: Path, port: int, *, open_: bool) -> None:
    handler = functools.partial(_Quiet, directory=str(folder))
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError as error:
        stop(Exit.USAGE, f"cannot listen on 127.0.0.1:{port}: {error.strerror}; give another --port")
    address = f"http://127.0.0.1:{server.server_port}/"
    out.print(f"{address}  (Ctrl-C ends)", highlight=False)
    if open_:
        webbrowser.open(address)
    with server:
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            out.print("ended")
