"""S3-compatible storage as a target: immutable files of a package first, then the pointer, replaced by If-Match.

``<prefix>/<package>/<path>`` are written once, with a condition that the object does not exist.
``<prefix>/current.json`` names the current package.  Of two publishers that race for it one is refused by the store,
reads again who is current, and gives way to a later night.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, NotFoundError, PreconditionError
from obstore.store import S3Store

from flows.publishing.package import CannotPublish, DataPackage, Outcome, PublishedFile, may_replace

POINTER = "current.json"
TRIES = 5
"""Races for the pointer that are lost before a publisher gives up."""

WORKERS = 8


def publish_to_s3(package: DataPackage, target: str) -> Outcome:
    """Publishes to ``s3://BUCKET/PREFIX``; keys, region and endpoint come from AWS's own environment variables."""
    try:
        store = S3Store.from_url(target)
        return _publish(package, store, target)
    except BaseError as error:
        raise CannotPublish(f"{target}: {type(error).__name__}: {str(error)[:300]}") from error


def _publish(package: DataPackage, store: S3Store, target: str) -> Outcome:
    current, _ = _current(store)
    if current == package.name:
        return Outcome(result="unchanged", target=target, current=current)
    if not may_replace(package, current):
        return Outcome(result="superseded", target=target, current=current)
    there = {one["path"] for page in obstore.list(store, prefix=package.name) for one in page}
    missing = [file for file in package.files if f"{package.name}/{file.path}" not in there]
    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(lambda file: _create(store, package, file), missing))
    for _ in range(TRIES):
        current, version = _current(store)
        if current == package.name:
            break
        if not may_replace(package, current):
            return Outcome(result="superseded", target=target, current=current)
        try:
            obstore.put(store, POINTER, _pointer(package), mode=version or "create")
            break
        except (AlreadyExistsError, FileExistsError, PreconditionError):
            continue
    else:
        raise CannotPublish(f"{target}: other publishers moved {POINTER} {TRIES} times meanwhile; try again later")
    sent = sum(file.bytes for file in missing)
    return Outcome(result="published", target=target, current=package.name, sent=len(missing), bytes=sent)


def _create(store: S3Store, package: DataPackage, file: PublishedFile) -> None:
    try:
        # One request, or the store would take the condition for the end of a multipart upload only.
        obstore.put(store, f"{package.name}/{file.path}", file.local, mode="create", use_multipart=False)
    except (AlreadyExistsError, FileExistsError):
        return  # written meanwhile by another publisher; the name is that of the bytes


def _current(store: S3Store) -> tuple[str, Any]:
    """The current package, and the version of the pointer that names it; empty and None before the first."""
    try:
        answer = obstore.get(store, POINTER)
        meta: dict[str, Any] = dict(answer.meta)
        version = {key: meta[key] for key in ("e_tag", "version") if meta[key]}  # a bucket may keep no versions
        return str(json.loads(bytes(answer.bytes()))["package"]), version
    except (NotFoundError, FileNotFoundError):  # obstore raises the built-in error for a missing object
        return "", None
    except (ValueError, LookupError, TypeError) as error:
        raise CannotPublish(f"{POINTER} in the store names no package; look at it, and remove it") from error


def _pointer(package: DataPackage) -> bytes:
    named = {"night": package.night.isoformat(), "package": package.name, "manifest": f"{package.name}/manifest.json"}
    return (json.dumps(named) + "\n").encode()
