"""A bucket of a local S3 server, which proves the protocol and says nothing about durability."""

from __future__ import annotations

import json


class Bucket:
    """A bucket of a local S3 server, looked at from outside."""

    def __init__(self, endpoint: str, name: str) -> None:
        from obstore.store import S3Store

        self.url = f"s3://{name}/gaps"
        self.store = S3Store.from_url(self.url)
        self.endpoint = endpoint

    def files(self) -> dict[str, bytes]:
        import obstore

        paths = [one["path"] for page in obstore.list(self.store) for one in page]
        return {path: bytes(obstore.get(self.store, path).bytes()) for path in paths}

    def current(self) -> dict[str, bytes]:
        """What a reader finds who follows the pointer."""
        files = self.files()
        name = json.loads(files["current.json"])["package"]
        return {path.removeprefix(f"{name}/"): body for path, body in files.items() if path.startswith(name)}
