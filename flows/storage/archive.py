"""The archive on a second place, as immutable objects: a machine that is lost costs nothing that was sent.

A run reads and writes its own folder.  Before it, what the place has more of is taken in; after it, what the place
lacks is sent.  Bodies are named by their digest.  A log only grows, and storage knows no appending: each piece that was
added is an object named by the byte it begins at, and created on the condition that nobody has created it, so that of
two machines that add to one log the second is refused.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from flows.storage.objects import Objects, StorageFailed, Synced
from warehouse.archive import decoded, sync_folder, write_whole

AT_ONCE = 8
"""Objects that are sent or taken at the same time."""

LOGS = ("log/*.jsonl", "done.jsonl", "refused.jsonl")


class Diverged(StorageFailed):
    """Two machines have added to one log; the message names it."""


def push(root: Path, place: Objects) -> Synced:
    """Sends what the archive in ``root`` has and the place lacks, bodies first; raises `StorageFailed`."""
    there = place.sizes()
    bodies = [
        file
        for file in root.glob("bodies/*/*.zst")
        if str(file.relative_to(root)) not in there and not file.is_symlink()
    ]

    def send(file: Path) -> int:
        body = file.read_bytes()
        return len(body) if place.create(str(file.relative_to(root)), body) else 0

    with ThreadPoolExecutor(AT_ONCE) as pool:
        sent = [size for size in pool.map(send, bodies) if size]
    done = Synced(objects=len(sent), bytes=sum(sent))
    pieces = _pieces(there)
    for pattern in LOGS:
        for file in sorted(root.glob(pattern)):
            done += _push_log(str(file.relative_to(root)), file.read_bytes(), pieces, place)
    return done


def pull(root: Path, place: Objects) -> Synced:
    """Takes what the place has and the archive in ``root`` lacks, bodies first; raises `StorageFailed`."""
    there = place.sizes()
    bodies = [name for name in there if name.startswith("bodies/") and not (root / name).exists()]

    def take(name: str) -> int:
        raw = place.get(name)
        decoded(raw, Path(name).stem, f"{place.address}/{name}")  # raises ArchiveDamaged
        write_whole(root / name, raw)
        return len(raw)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        taken = list(pool.map(take, bodies))
    done = Synced(objects=len(taken), bytes=sum(taken))
    for log, starts in _pieces(there).items():
        done += _pull_log(root / log, log, starts, place)
    return done


def _pieces(there: Mapping[str, int]) -> Mapping[str, Mapping[int, int]]:
    """By log, the pieces that are there: where each begins, and its length."""
    found: dict[str, dict[int, int]] = defaultdict(dict)
    for name, size in there.items():
        if name.startswith("pieces/"):
            log, _, start = name.removeprefix("pieces/").rpartition("/")
            found[log][int(start)] = size
    return found


def _end(log: str, pieces: Mapping[int, int]) -> int:
    """The length of a log there; raises `StorageFailed` where a piece is missing."""
    end = 0
    for start in sorted(pieces):
        if start != end:
            raise StorageFailed(
                f"pieces/{log} lacks the piece at byte {end} (the next is at {start}); what to do: restore it, or push"
                " from the machine that has the whole log to an empty place"
            )
        end += pieces[start]
    return end


def _push_log(log: str, local: bytes, there: Mapping[str, Mapping[int, int]], place: Objects) -> Synced:
    pieces = there.get(log, {})
    end = _end(log, pieces)
    local = local[: local.rfind(b"\n") + 1]  # a line cut by a crash is ended by the next writer
    if end and len(local) != end:
        last = max(pieces)
        if not place.get(_name(log, last)).startswith(local[last:end]):
            raise _diverged(log, place)
    if len(local) <= end:
        return Synced()
    if not place.create(_name(log, end), local[end:]):
        raise _diverged(log, place)
    return Synced(objects=1, bytes=len(local) - end)


def _pull_log(file: Path, log: str, pieces: Mapping[int, int], place: Objects) -> Synced:
    end = _end(log, pieces)
    local = file.read_bytes() if file.exists() else b""
    done = Synced()
    for start in sorted(pieces):
        if start + pieces[start] < min(len(local), end) or len(local) == end:
            continue
        piece = place.get(_name(log, start))
        here = local[start : start + len(piece)]
        if not piece.startswith(here):
            raise _diverged(log, place)
        if len(here) < len(piece):
            local += piece[len(here) :]
            done += Synced(objects=1, bytes=len(piece))
    if done.objects:
        write_whole(file, local)
        sync_folder(file.parent)
    assert len(local) >= end  # noqa: S101 - the pieces follow each other without a gap
    return done


def _name(log: str, start: int) -> str:
    return f"pieces/{log}/{start:012d}"


def _diverged(log: str, place: Objects) -> Diverged:
    return Diverged(
        f"{log} here and at {place.address} go on differently: two machines have run nights for one archive; what to"
        " do: keep one writer; `gapindex rebuild` needs one of the two archives, whole"
    )
