"""The files of a publication that are published elsewhere, and the rule which of two nights may be current."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from warehouse.dataset.files import digest

MANIFEST = "manifest.json"
FOLDERS = ("parquet", "latest", "csv")
"""Folders of the data set; what an earlier night had there and this one has not is removed where files are replaced."""


class CannotPublish(Exception):
    """A publication that is not whole, or a target that cannot be used; the message states what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedFile:
    """A file by its path in the data set."""

    path: str
    local: Path
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DataPackage:
    """A publication as it goes to a target; ``name`` begins with the night and is of the bytes of all files."""

    night: date
    name: str
    files: tuple[PublishedFile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What publishing to a target did.

    ``published``: this package is current now.  ``unchanged``: it was current before.  ``superseded``: a later night is
    current there, and stays.
    """

    result: Literal["published", "unchanged", "superseded"]
    target: str
    current: str
    sent: int = 0
    bytes: int = 0


def package_of(folder: Path) -> DataPackage:
    """The data set of a publication's folder, each file compared with the manifest; raises `CannotPublish`."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        night = date.fromisoformat(manifest["night"])
        expected = {facts["path"]: facts["sha256"] for facts in _files_of(manifest)}
        files = [
            *(
                PublishedFile(path=p, local=folder / p, bytes=(folder / p).stat().st_size, sha256=s)
                for p, s in expected.items()
            )
        ]
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise CannotPublish(f"the publication in {folder} is not whole ({error}); run `gapindex rebuild`") from error
    for file in files:
        if digest(file.local) != file.sha256:
            raise CannotPublish(f"{file.path} in {folder} differs from its manifest; run `gapindex rebuild`")
    body = (folder / MANIFEST).read_bytes()
    sha256 = hashlib.sha256(body).hexdigest()
    own = PublishedFile(path=MANIFEST, local=folder / MANIFEST, bytes=len(body), sha256=sha256)
    return DataPackage(
        night=night, name=f"{night}-{sha256[:12]}", files=(*sorted(files, key=lambda one: one.path), own)
    )


def _files_of(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """Every file that a manifest names, wherever it names it."""
    tables = [table[form] for table in manifest["tables"].values() for form in FOLDERS if form in table]
    return [*manifest["files"].values(), *tables]


def may_replace(package: DataPackage, current: str) -> bool:
    """Whether a package may take the place of the one that is current: never that of a later night."""
    return current[:10] <= package.night.isoformat()
