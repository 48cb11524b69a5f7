"""Which target an address means."""

from __future__ import annotations

from pathlib import Path

from flows.publishing.folder import publish_to_folder
from flows.publishing.package import CannotPublish, DataPackage, Outcome


def publish_to(package: DataPackage, target: str) -> Outcome:
    """Publishes a package to a folder, ``s3://BUCKET/PREFIX`` or ``hf://datasets/OWNER/NAME``."""
    if target.startswith("s3://"):
        from flows.publishing.s3 import publish_to_s3  # 15 MB of library, for this target alone

        return publish_to_s3(package, target.rstrip("/"))
    if target.startswith("hf://"):
        from flows.publishing.hub import publish_to_hub

        return publish_to_hub(package, target)
    if "://" in target:
        raise CannotPublish(f"{target} is no target; give a folder, s3://BUCKET/PREFIX or hf://datasets/OWNER/NAME")
    return publish_to_folder(package, Path(target).absolute())
