"""Immutable objects by name, in a folder or on S3-compatible storage: written once, never changed.

Both are obstore's, so that a folder and a bucket are read and written by the same calls.  Keys, region and endpoint of
S3 come from AWS's own environment variables.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, NotFoundError
from obstore.store import LocalStore, S3Store

if TYPE_CHECKING:
    from obstore.store import RetryConfig


RETRIES: RetryConfig = {"max_retries": 3, "retry_timeout": timedelta(seconds=60)}
"""A night waits a minute for storage, and goes on without it."""


class StorageFailed(RuntimeError):
    """The storage cannot be read or written; the message states the address, the error and what to do."""


class Objects:
    """The objects below one address: ``s3://BUCKET/PREFIX``, or a folder.  Safe to use from several threads."""

    def __init__(self, address: str) -> None:
        self.address = address
        try:
            self._store: S3Store | LocalStore
            if address.startswith("s3://"):
                self._store = S3Store.from_url(address, retry_config=RETRIES)
            else:
                self._store = LocalStore(Path(address), mkdir=True)
        except (BaseError, OSError, ValueError) as error:
            raise self._failed("opened", error) from error

    def get(self, name: str) -> bytes:
        """The bytes of an object; raises `KeyError` where there is none, and `StorageFailed`."""
        try:
            return bytes(obstore.get(self._store, name).bytes())
        except (NotFoundError, FileNotFoundError) as error:
            raise KeyError(name) from error
        except (BaseError, OSError) as error:
            raise self._failed(f"read ({name})", error) from error

    def create(self, name: str, body: bytes) -> bool:
        """Writes an object that is not there yet; False where it is, which then stays as it is."""
        try:
            obstore.put(self._store, name, body, mode="create", use_multipart=False)
        except (AlreadyExistsError, FileExistsError):
            return False
        except (BaseError, OSError) as error:
            raise self._failed(f"written ({name})", error) from error
        return True

    def remove(self, names: Iterable[str]) -> None:
        """Removes objects that were only for a while; the archive's are never removed."""
        try:
            obstore.delete(self._store, list(names))
        except (BaseError, OSError) as error:
            raise self._failed("cleared", error) from error

    def sizes(self, prefix: str = "") -> Mapping[str, int]:
        """Every object below a folder of names, with its size in bytes."""
        try:
            listed = [one for page in obstore.list(self._store, prefix=prefix or None) for one in page]
        except (BaseError, OSError) as error:
            raise self._failed("listed", error) from error
        return {str(one["path"]): int(one["size"]) for one in listed}

    def _failed(self, what: str, error: Exception) -> StorageFailed:
        return StorageFailed(
            f"{self.address} cannot be {what}: {type(error).__name__}: {str(error)[:200]}; what to do: compare the"
            " address with AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID and AWS_REGION, then run again: nothing is lost here"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Synced:
    """What went over: objects and bytes."""

    objects: int = 0
    bytes: int = 0

    def __add__(self, other: Synced) -> Synced:
        return Synced(objects=self.objects + other.objects, bytes=self.bytes + other.bytes)
