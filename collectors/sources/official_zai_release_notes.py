"""Z.ai's own release notes of its models: a day, the model's name, and what it is for.

The page was never seen when this was written.  Assumed is what its documentation system (Mintlify) makes of
updates: the date as a label, the name as the next text, then the description.  In another shape it is `Drifted`.
"""

from collectors.announcements import BEIJING, release_notes

SOURCE = release_notes(
    name="official-zai-release-notes",
    lab="Z.ai",
    url="https://docs.z.ai/release-notes/new-released",
    title="Z.ai release notes",
    zone=BEIJING,
)
