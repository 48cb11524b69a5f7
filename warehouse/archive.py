"""The archive: every response body under its sha256, every attempt as one line of an append-only log.

All other data are derived from the archive and can be rebuilt from it.  A body is written to a temporary
file, flushed to disk, renamed, and its folder flushed, before anything reads it.  The log has one file a
night; a line cut by a crash is ignored by readers and ended by the next writer.
"""

from __future__ import annotations

import dataclasses
import errno
import hashlib
import json
import os
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import zstandard


class ArchiveDamaged(Exception):
    """A body is missing from the archive or is not what its name says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One line of the fetch log: the response of one address, or the reason why there was none.

    ``outcome`` is ``fresh`` (new bytes), ``unchanged`` (the site confirmed the archived page), or
    the outcome of a `SourceError`.  ``sha256`` is empty unless the body is in the archive;
    ``fetched_at`` is when these bytes came, ``asked_at`` when this attempt ended.
    """

    night: date
    source: str
    url: str
    context: str
    outcome: str
    asked_at: datetime
    fetched_at: datetime | None = None
    status: int | None = None
    sha256: str = ""
    size: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    error: str = ""

    @property
    def good(self) -> bool:
        """Whether this attempt has a page."""
        return bool(self.sha256)


def body_name(sha256: str) -> str:
    """Where an archive keeps the body of that digest, below its root (a name is never part of a path)."""
    return f"bodies/{sha256[:2]}/{sha256}.zst"


class Archive:
    """Folders ``bodies/ab/<sha256>.zst`` and ``log/<night>.jsonl``, and two files: ``done.jsonl`` for nights asked to
    the end, ``refused.jsonl`` for pages whose parser was ended over them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._bodies = root / "bodies"
        self._log = root / "log"
        self._done = root / "done.jsonl"
        self._refused = root / "refused.jsonl"
        self._turn = threading.Lock()

    def path(self, sha256: str) -> Path:
        """Where the body of that digest is kept."""
        return self.root / body_name(sha256)

    def put(self, body: bytes) -> str:
        """Stores a body; returns its digest.  On return the bytes are on disk."""
        sha256 = hashlib.sha256(body).hexdigest()
        target = self.path(sha256)
        if not target.exists():
            write_whole(target, zstandard.compress(body, 6))
        return sha256

    def get(self, sha256: str) -> bytes:
        """The body of that digest, checked against it; raises `ArchiveDamaged`."""
        path = self.path(sha256)
        try:
            raw = path.read_bytes()
        except OSError as error:
            raise _damaged(str(path), str(error)) from error
        return decoded(raw, sha256, str(path))

    def append(self, attempt: Attempt) -> None:
        """Adds one line to the night's log; on return it is on disk."""
        line = json.dumps(dataclasses.asdict(attempt), default=_plain, ensure_ascii=False, separators=(",", ":"))
        self._add(self.log_path(attempt.night), line)

    def _add(self, path: Path, line: str) -> None:
        with self._turn:
            add_line(path, line)

    def log_path(self, night: date) -> Path:
        """The log file of one night."""
        return self._log / f"{night.isoformat()}.jsonl"

    def finished(self) -> dict[date, frozenset[str]]:
        """The sources that were read completely, by night."""
        done: dict[date, frozenset[str]] = {}
        for night, sources, _ in self._runs():
            done[night] = done.get(night, frozenset()) | sources
        return done

    def scopes(self) -> dict[date, frozenset[str]]:
        """The scopes of the runs that have asked for a night, by night; a line from before scopes counts as full."""
        found: dict[date, frozenset[str]] = {}
        for night, _, scope in self._runs():
            found[night] = found.get(night, frozenset()) | {scope}
        return found

    def _runs(self) -> Iterator[tuple[date, frozenset[str], str]]:
        try:
            lines = self._done.read_text("utf-8", "replace").split("\n")
        except FileNotFoundError:
            return
        for line in lines:
            try:
                run = json.loads(line)
                yield date.fromisoformat(run["night"]), frozenset(run["sources"]), str(run.get("scope", "full"))
            except (ValueError, KeyError, TypeError, AttributeError):
                continue

    def finish(self, night: date, sources: Iterable[str], *, scope: str = "full") -> None:
        """Records a run that has finished a night: its scope, and the sources that it read completely.

        A back-fill need not read those again.
        """
        line = {"night": night.isoformat(), "scope": scope, "sources": sorted(sources)}
        self._add(self._done, json.dumps(line))

    def refuse(self, source: str, key: str, fingerprint: str, error: str) -> None:
        """Records that a page broke the limits of parsing, so that not even a rebuild gives it to that parser again."""
        line = {"source": source, "page_key": key, "fingerprint": fingerprint, "error": error}
        self._add(self._refused, json.dumps(line, ensure_ascii=False))

    def refusals(self) -> dict[tuple[str, str, str], str]:
        """Why a page was refused for what it costs, by source, page key and fingerprint of the parser."""
        found: dict[tuple[str, str, str], str] = {}
        if self._refused.is_file():
            for line in self._refused.read_text("utf-8", "replace").split("\n"):
                try:
                    one = json.loads(line)
                    found[one["source"], one["page_key"], one["fingerprint"]] = str(one["error"])
                except (ValueError, KeyError, TypeError):
                    continue
        return found

    def logs(self) -> list[Path]:
        """All log files, oldest night first."""
        return sorted(self._log.glob("*.jsonl"))

    def sweep(self) -> list[Path]:
        """Removes what a dead run left half-written; returns what it removed."""
        left = sorted(self._bodies.glob("*/*.tmp"))
        for path in left:
            path.unlink(missing_ok=True)
        return left


def decoded(raw: bytes, sha256: str, place: str) -> bytes:
    """A body from the bytes it is kept as, checked against its digest; raises `ArchiveDamaged` naming ``place``."""
    try:
        body = zstandard.decompress(raw)
    except zstandard.ZstdError as error:
        raise _damaged(place, str(error)) from error
    if hashlib.sha256(body).hexdigest() != sha256:
        raise ArchiveDamaged(f"{place}: the bytes are not those of its name; what to do: delete it and run again")
    return body


def _damaged(place: str, found: str) -> ArchiveDamaged:
    return ArchiveDamaged(
        f"{place}: {found}; what to do: delete the file and run the night again, or restore it from a backup"
    )


def write_whole(target: Path, body: bytes) -> None:
    """Writes a file whole or not at all; on return it is on disk."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(dir=target.parent, suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        Path(aside).replace(target)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
    sync_folder(target.parent)


def attempts(path: Path, start: int = 0) -> Iterator[tuple[int, Attempt]]:
    """The attempts of a log from byte ``start``, each with the offset behind it; a cut line is passed over."""
    with path.open("rb") as file:
        file.seek(start)
        for raw in file:
            if not raw.endswith(b"\n"):
                return
            start += len(raw)
            try:
                yield start, _attempt(json.loads(raw))
            except (ValueError, KeyError, TypeError):
                continue


def _attempt(entry: dict[str, str]) -> Attempt:
    fields: dict[str, object] = dict(entry)
    if "carry" in fields:  # what logs before 2026-12 call the context
        fields["context"] = fields.pop("carry")
    fields["night"] = date.fromisoformat(entry["night"])
    fields["asked_at"] = datetime.fromisoformat(entry["asked_at"])
    if entry.get("fetched_at"):
        fields["fetched_at"] = datetime.fromisoformat(entry["fetched_at"])
    return Attempt(**fields)  # type: ignore[arg-type]


def _plain(value: object) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} in a log line")


def add_line(file: Path, line: str, *, private: bool = False) -> None:
    """Adds a line to a file that only grows; on return it is on disk.  A line cut by a crash is closed off first.

    ``private``: only the owner may read the file, whatever the umask.  Raises `LinkFollowed` where the file is a link.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW
    try:
        handle = os.open(file, flags, 0o600 if private else 0o666)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise LinkFollowed(file) from error
        raise
    with os.fdopen(handle, "a+b") as lines:
        if private:
            os.fchmod(lines.fileno(), 0o600)
        new = lines.seek(0, os.SEEK_END) == 0
        if not new:
            lines.seek(-1, os.SEEK_END)
            if lines.read(1) != b"\n":
                lines.write(b"\n")
        lines.write(line.encode() + b"\n")
        lines.flush()
        os.fsync(lines.fileno())
    if new:
        sync_folder(file.parent)


class LinkFollowed(OSError):
    """A symbolic link in the data folder leads out of it; nothing is read or written there."""

    def __init__(self, link: Path) -> None:
        self.link = link
        super().__init__(
            f"{link} is a symbolic link and is not followed;"
            " what to do: remove it; to keep the data elsewhere, give that folder as --data"
        )


def refuse_links(data: Path) -> None:
    """Raises `LinkFollowed` for a link among the folders and files of a data folder that leads out of it.

    The data folder itself may be a link.  Bodies need no look: they are read only if their bytes are those of their
    name, and written by renaming over whatever stands there.
    """
    home = data.resolve()
    for pattern in ("*", "archive/*", "archive/log/*", "archive/bodies/*", "vintages/*", "publications/*", "alerts/*"):
        for path in data.glob(pattern):
            if path.is_symlink() and not path.resolve().is_relative_to(home):
                raise LinkFollowed(path)


def sync_folder(folder: Path) -> None:
    """Flushes a folder itself, so that a rename in it outlives a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
