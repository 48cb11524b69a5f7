"""A stand-in of the Hugging Face Hub that takes data sets: what `huggingface_hub` asks of it when it makes a commit.

with HubServer() as hub:             # HF_ENDPOINT=hub.base, HF_HUB_DISABLE_XET=1
    ...
    hub.commits("owner/name")        # every state a reader could have seen, oldest first
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LFS = (".parquet", ".duckdb")


@dataclass(slots=True, kw_only=True)
class Commit:
    """The files of one revision, by path."""

    sha: str
    message: str
    files: Mapping[str, bytes]


@dataclass(slots=True, kw_only=True)
class HubServer:
    """A Hub on a port of this machine.  ``before`` and ``after`` are called with the number of each request."""

    before: Callable[[int, str], None] = lambda number, path: None
    after: Callable[[int, str], None] = lambda number, path: None
    base: str = ""
    requests: list[str] = field(default_factory=list)
    _repos: dict[str, list[Commit]] = field(default_factory=dict)
    _blobs: dict[str, bytes] = field(default_factory=dict)
    _turn: threading.RLock = field(default_factory=threading.RLock)
    _server: ThreadingHTTPServer | None = None

    def __enter__(self) -> HubServer:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.base = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()

    def commits(self, repo: str) -> list[Commit]:
        """Commits of a repository, oldest first; the first is the empty repository."""
        return self._repos.get(repo, [])

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, bytes, dict[str, str]]:
        """Status, body and headers of the answer to a request."""
        with self._turn:
            path = path.partition("?")[0]
            if path == "/api/repos/create":
                asked = json.loads(body)
                repo = f"{asked.get('organization') or 'owner'}/{asked['name']}"
                self._repos.setdefault(repo, [Commit(sha="0" * 40, message="initial commit", files={})])
                return _json({"url": f"{self.base}/datasets/{repo}", "name": repo, "id": repo})
            if path == "/api/validate-yaml":
                return _json({"errors": [], "warnings": []})
            if found := re.fullmatch(r"/api/datasets/([^/]+/[^/]+)/preupload/[^/]+", path):
                return _json({"files": [_upload_mode(one) for one in json.loads(body)["files"]]})
            if found := re.fullmatch(r"/datasets/([^/]+/[^/]+)\.git/info/lfs/objects/batch", path):
                return _json({"objects": [self._lfs(one) for one in json.loads(body)["objects"]]})
            if method == "PUT" and (found := re.fullmatch(r"/lfs/(\w+)", path)):
                if hashlib.sha256(body).hexdigest() != found[1]:
                    return _json({"error": "other bytes than announced"}, 400)
                self._blobs[found[1]] = body
                return 200, b"", {}
            if found := re.fullmatch(r"/api/datasets/([^/]+/[^/]+)/commit/[^/]+", path):
                return self._commit(found[1], body)
            if found := re.fullmatch(r"/api/datasets/([^/]+/[^/]+)(?:/revision/[^/]+)?", path):
                return self._info(found[1])
            if found := re.fullmatch(r"/datasets/([^/]+/[^/]+)/resolve/(\w+)/(.+)", path):
                return self._file(found[1], found[2], found[3])
            return _json({"error": f"{method} {path} is not known here"}, 404)

    def _lfs(self, one: Mapping[str, Any]) -> dict[str, Any]:
        known = one["oid"] in self._blobs
        actions = {} if known else {"upload": {"href": f"{self.base}/lfs/{one['oid']}", "header": {}}}
        return {"oid": one["oid"], "size": one["size"], **({"actions": actions} if actions else {})}

    def _info(self, repo: str) -> tuple[int, bytes, dict[str, str]]:
        if repo not in self._repos:
            return _json({"error": "Repository not found"}, 404)
        last = self._repos[repo][-1]
        siblings = [_sibling(path, body) for path, body in sorted(last.files.items())]
        return _json({"id": repo, "sha": last.sha, "siblings": siblings, "private": False, "tags": [], "downloads": 0})

    def _file(self, repo: str, revision: str, path: str) -> tuple[int, bytes, dict[str, str]]:
        for commit in self._repos.get(repo, []):
            if commit.sha == revision and path in commit.files:
                body = commit.files[path]
                return 200, body, {"ETag": f'"{_git(body)}"', "X-Repo-Commit": revision}
        return _json({"error": "Entry not found"}, 404)

    def _commit(self, repo: str, body: bytes) -> tuple[int, bytes, dict[str, str]]:
        lines = [json.loads(line) for line in body.splitlines() if line.strip()]
        header = next(line["value"] for line in lines if line["key"] == "header")
        last = self._repos[repo][-1]
        if header.get("parentCommit", last.sha) != last.sha:
            return _json({"error": "the branch moved on: parentCommit is not its head"}, 412)
        files = dict(last.files)
        for line in lines:
            value = line["value"]
            match line["key"]:
                case "file":
                    files[value["path"]] = base64.b64decode(value["content"])
                case "lfsFile":
                    if value["oid"] not in self._blobs:
                        return _json({"error": f"{value['path']} was not uploaded"}, 400)
                    files[value["path"]] = self._blobs[value["oid"]]
                case "deletedFile":
                    del files[value["path"]]
        sha = hashlib.sha1(f"{last.sha} {len(self._repos[repo])}".encode() + body).hexdigest()
        self._repos[repo].append(Commit(sha=sha, message=header["summary"], files=files))
        return _json({"commitUrl": f"{self.base}/datasets/{repo}/commit/{sha}", "commitOid": sha, "success": True})


def _handler(hub: HubServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self._body()
            number = len(hub.requests) + 1
            hub.requests.append(f"{self.command} {self.path}")
            hub.before(number, self.path)
            status, answer, headers = hub.answer(self.command, self.path, body)
            hub.after(number, self.path)
            try:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(answer)
            except OSError:
                self.close_connection = True  # whoever asked is dead, as planned

        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = []
            while size := int(self.rfile.readline().strip() or b"0", 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)

        do_GET = do_HEAD = do_POST = do_PUT = _answer

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    return Handler


def _json(value: object, status: int = 200) -> tuple[int, bytes, dict[str, str]]:
    return status, json.dumps(value).encode(), {"Content-Type": "application/json"}


def _upload_mode(one: Mapping[str, Any]) -> dict[str, Any]:
    mode = "lfs" if one["path"].endswith(LFS) else "regular"
    return {"path": one["path"], "uploadMode": mode, "shouldIgnore": False, "oid": None}


def _sibling(path: str, body: bytes) -> dict[str, Any]:
    facts: dict[str, Any] = {"rfilename": path, "size": len(body), "blobId": _git(body)}
    if path.endswith(LFS):
        facts["lfs"] = {"sha256": hashlib.sha256(body).hexdigest(), "size": len(body), "pointerSize": 130}
    return facts


def _git(body: bytes) -> str:
    return hashlib.sha1(b"blob %d\0%s" % (len(body), body)).hexdigest()
