"""The Hugging Face Hub as a target: one commit for a night, on top of the commit that was looked at.

``upload_folder`` splits a large folder into several commits, of which a reader could see the first; ``create_commit``
with ``parent_commit`` makes one, and the Hub refuses it where somebody else was faster.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from pathlib import Path

import httpx2
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, set_client_factory
from huggingface_hub.errors import HfHubHTTPError
from huggingface_hub.hf_api import DatasetInfo

from flows.publishing.package import FOLDERS, MANIFEST, CannotPublish, DataPackage, Outcome, PublishedFile, may_replace

TIMEOUT = 60.0
TRIES = 5
"""Races for the branch that are lost before a publisher gives up."""


def publish_to_hub(package: DataPackage, target: str) -> Outcome:
    """Publishes to ``hf://datasets/OWNER/NAME`` with the token of HF_TOKEN; the Hub is HF_ENDPOINT's."""
    repo = target.removeprefix("hf://datasets/").strip("/")
    if repo.count("/") != 1:
        raise CannotPublish(f"{target} is no data set of the Hub; give hf://datasets/OWNER/NAME")
    set_client_factory(lambda: httpx2.Client(timeout=TIMEOUT, follow_redirects=True))
    try:
        return _publish(package, HfApi(), repo, target)
    except (HfHubHTTPError, httpx2.HTTPError) as error:
        raise CannotPublish(f"{target}: {type(error).__name__}: {str(error)[:300]}") from error


def _publish(package: DataPackage, api: HfApi, repo: str, target: str) -> Outcome:
    api.create_repo(repo, repo_type="dataset", exist_ok=True)
    for _ in range(TRIES):
        there = api.dataset_info(repo, files_metadata=True)
        current = _current(api, repo, there)
        if current and not may_replace(package, current):
            return Outcome(result="superseded", target=target, current=current)
        changed = [file for file in package.files if not _same(file, there)]
        ours = {file.path for file in package.files}
        stale = [
            one.rfilename
            for one in there.siblings or ()
            if one.rfilename.partition("/")[0] in FOLDERS and one.rfilename not in ours
        ]
        if not changed and not stale:
            return Outcome(result="unchanged", target=target, current=package.name)
        try:
            api.create_commit(
                repo,
                [
                    *(CommitOperationAdd(path_in_repo=file.path, path_or_fileobj=file.local) for file in changed),
                    *(CommitOperationDelete(path_in_repo=path) for path in stale),
                ],
                commit_message=f"Night {package.night}",
                repo_type="dataset",
                parent_commit=there.sha,
            )
        except HfHubHTTPError as error:
            if error.response is not None and error.response.status_code in (409, 412):
                continue
            raise
        sent = sum(file.bytes for file in changed)
        return Outcome(result="published", target=target, current=package.name, sent=len(changed), bytes=sent)
    raise CannotPublish(f"{target}: other publishers committed {TRIES} times meanwhile; try again later")


def _current(api: HfApi, repo: str, there: DatasetInfo) -> str:
    """The night that is current on the Hub, empty before the first."""
    if MANIFEST not in {one.rfilename for one in there.siblings or ()}:
        return ""
    with tempfile.TemporaryDirectory() as folder:
        place = api.hf_hub_download(repo, MANIFEST, repo_type="dataset", revision=there.sha, local_dir=folder)
        try:
            return str(json.loads(Path(place).read_text("utf-8"))["night"])
        except (ValueError, LookupError, TypeError):
            return ""


def _same(file: PublishedFile, there: DatasetInfo) -> bool:
    """Whether the Hub has these bytes under this path: by sha256 where it is in LFS, else by git's own digest."""
    for one in there.siblings or ():
        if one.rfilename == file.path:
            if one.lfs is not None:
                return one.lfs.sha256 == file.sha256
            return one.size == file.bytes and one.blob_id == _git_digest(file.local)
    return False


def _git_digest(path: Path) -> str:
    body = path.read_bytes()
    return hashlib.sha1(b"blob %d\0%s" % (len(body), body), usedforsecurity=False).hexdigest()
