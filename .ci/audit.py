"""What `make audit` came to, in a sentence; reads pip-audit's JSON report from standard input.

pip-audit asks the index's JSON interface for vulnerabilities.  A mirror of the index without that interface answers
404 to every question, and pip-audit then ends with "No known vulnerabilities found" and 0: silence taken for a clean
bill.  Here it ends with 2.  Exit codes: 0 all audited and none known; 1 at least one known; 2 not audited, or not all.
"""

from __future__ import annotations

import json
import sys

TRY = "ask again where the package index itself answers, or give ARGS='--vulnerability-service osv' where OSV does"


def verdict(report: str) -> tuple[int, str]:
    """Exit code and sentence for a report."""
    try:
        dependencies = json.loads(report)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return 2, f"nothing was audited: pip-audit gave no report; {TRY}"
    holed = [one for one in dependencies if one.get("vulns")]
    skipped = [str(one["name"]) for one in dependencies if "skip_reason" in one]
    lines = [
        f"{one['name']} {one['version']}: {hole['id']} ({', '.join(hole['aliases']) or 'no other name'}),"
        f" mended in {', '.join(hole['fix_versions']) or 'no release yet'}"
        for one in holed
        for hole in one["vulns"]
    ]
    if len(skipped) == len(dependencies):
        return 2, f"nothing was audited: the index answered for none of {len(dependencies)} locked releases; {TRY}"
    if skipped:
        lines.append(
            f"{len(skipped)} of {len(dependencies)} locked releases were not audited: {', '.join(skipped[:5])}"
            + (f" and {len(skipped) - 5} more" if len(skipped) > 5 else "")
            + f"; {TRY}"
        )
    if holed:
        lines.append(
            f"{len(holed)} of {len(dependencies)} locked releases have known holes; `make lock ARGS=--upgrade` renews"
        )
    if lines:
        return 1 if holed else 2, "\n".join(lines)
    return 0, f"no known vulnerability in {len(dependencies)} locked release{'s' if len(dependencies) > 1 else ''}"


if __name__ == "__main__":
    code, sentence = verdict(sys.stdin.read())
    print(sentence)  # noqa: T201 - this is what it is for
    sys.exit(code)
