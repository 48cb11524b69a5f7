"""Which target an address means."""

from __future__ import annotations

from pathlib import Path

from flows.publishing.edition import CannotPublish, Edition, Outcome
from flows.publishing.folder import publish_to_folder


def publish_to(edition: Edition, target: str) -> Outcome:
    """Publishes an edition to a folder, ``s3://BUCKET/PREFIX`` or ``hf://datasets/OWNER/NAME``."""
    if target.startswith("s3://"):
        from flows.publishing.s3 import publish_to_s3  # 15 MB of library, for this target alone

        return publish_to_s3(edition, target.rstrip("/"))
    if target.startswith("hf://"):
        from flows.publishing.hub import publish_to_hub

        return publish_to_hub(edition, target)
    if "://" in target:
        raise CannotPublish(f"{target} is no target; give a folder, s3://BUCKET/PREFIX or hf://datasets/OWNER/NAME")
    return publish_to_folder(edition, Path(target).absolute())
