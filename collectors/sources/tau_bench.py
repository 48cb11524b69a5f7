"""tau-bench, tau2 and tau3: customer-service agents with a simulated user and tools, by Sierra.

``manifest.json`` names folders in lists (``submissions``, ``voice_submissions``, ``legacy_...``); each
folder's ``submission.json`` is one row on up to four boards.  The value is pass^1 in per cent, over
four trials a task.  The version of the benchmark is the edition, with the retrieval set-up where there
is one: banking was 24.7 with ``terminal`` and 21.4 with ``alltools`` for one model.  What Sierra
submits it ran itself; the rest comes from the models' makers, also under a parent's name (Alibaba for
Qwen), and counts as self-reported.

Left out by rule: custom submissions (routers, own scaffolds), changed prompts, voice, a model that
plays its own user (Gemini 3 Pro, DeepSeek-V3.2; not where it is the benchmark's standard user, as
GPT-4.1 and GPT-5.2 were), and the two example folders, which the manifest does not name.  Qwen3-Max
was dated a year before its release, so a day before the stated release is no day.  A null where a
domain was not run is "not scored".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from collectors.contract.errors import Drifted
from collectors.contract.pages import Page
from collectors.contract.rows import Excluded, Get, Release, Row, Tally
from collectors.contract.source import Board, Source
from collectors.entries import RowFault, entries, guarded, part
from collectors.read.cells import day, number, written
from collectors.read.documents import json_of

STANDARD_USERS = ("gpt41", "gpt52")
FOLDER = "https://raw.githubusercontent.com/sierra-research/tau2-bench/main/web/leaderboard/public/submissions/"


def _board(domain: str, tasks: int, what: str) -> Board:
    return Board(
        name=f"tau2-{domain}",
        title=f"tau2-bench {domain}",
        domain="agents",
        measures=f"Share of {what} tasks with a simulated user that the agent completes at the first try (pass^1).",
        unit="%",
        low=0,
        high=100,
        n_items=tasks,
        chance=0,
        min_rows=1,
    )


BOARDS = {
    "retail": _board("retail", 114, "retail support"),
    "airline": _board("airline", 50, "airline support"),
    "telecom": _board("telecom", 114, "telecom support"),
    "banking_knowledge": _board("banking", 97, "banking support over a knowledge base"),
}


def parse(page: Page) -> Iterator[Row]:
    found = json_of(page)
    if page.url.endswith("/manifest.json"):
        yield from _manifest(page, found)
    elif isinstance(found, dict) and {"model_name", "results", "methodology"} <= set(found):
        (run,) = entries(page, [found])
        yield from guarded(_submission(page, run), run)
    else:
        raise Drifted(page.url, "no submission", expected="an object with model_name, results and methodology")


def _manifest(page: Page, found: object) -> Iterator[Row]:
    lists = found.items() if isinstance(found, dict) else ()
    named = [names for key, names in lists if key.endswith("submissions") and isinstance(names, list)]
    folders = [folder for names in named for folder in names]
    if not folders:
        raise Drifted(page.url, "no list of submissions", expected="lists of folder names in one object")
    for folder in folders:
        yield from guarded(_folder(folder), {"name": str(folder)})


def _folder(folder: object) -> Iterator[Row]:
    if not isinstance(folder, str) or not re.fullmatch(r"[\w.-]+", folder):
        raise RowFault("folder", str(folder)[:60], "letters, digits, dots, dashes")
    yield Get(url=f"{FOLDER}{folder}/submission.json")


def _submission(page: Page, found: dict[str, Any]) -> Iterator[Row]:
    name, maker = str(found["model_name"]), str(found.get("model_organization") or "")
    method, results = part(found, "methodology"), part(found, "results")
    released = day(part(found, "model_release").get("release_date"))
    domains = {key: part(results, key) for key in results if key in BOARDS} or {"retail": {}}
    out = _rule(page.url, found)
    when = day(method.get("evaluation_date")) or day(found.get("submission_date"))
    for domain, cell in domains.items():
        board = BOARDS[domain]
        edition = _edition(method, cell)
        value = cell.get("pass_1")
        yield Tally(board=board.name, edition=edition, rows=1, updated_on=day(found.get("submission_date")))
        if rule := out or ("not scored" if value is None else ""):
            yield Excluded(board=board.name, edition=edition, name=name, rule=rule, value=number(value))
            continue
        yield board.score(
            edition=edition,
            name=name,
            developer=maker,
            variant=str(found.get("reasoning_effort") or ""),
            value=number(value),
            written=written(
                {
                    **{key: found.get(key) for key in ("model_name", "submitting_organization", "submission_date")},
                    **{key: method.get(key) for key in ("tau2_bench_version", "user_simulator", "evaluation_date")},
                    domain: cell,
                }
            ),
            scored_on=None if when and released and when < released else when,
            self_reported=found.get("submitting_organization") != "Sierra",
        )
    if released and not out:
        yield Release(
            name=name, event="released", happened_on=released, developer=maker, written=written(found["model_release"])
        )


def _edition(method: Mapping[str, Any], cell: Mapping[str, Any]) -> str:
    version = str(method.get("tau2_bench_version") or "unstated").removeprefix("v")
    retrieval = cell.get("retrieval_config")
    return f"{version}, {retrieval} retrieval" if retrieval else version


def _rule(url: str, found: Mapping[str, Any]) -> str:
    method: Mapping[str, Any] = found["methodology"]
    checked: Mapping[str, Any] = method.get("verification") or {}
    model, user = _letters(found["model_name"]), _letters(method.get("user_simulator"))
    rules = {
        "example submission": url.split("/")[-2].startswith("A_EXAMPLE") or found.get("is_example"),
        "voice modality": found.get("modality") == "voice" or found.get("voice_config"),
        "scaffolded system": found.get("submission_type") == "custom",
        "model plays its own user": user == model and not user.startswith(STANDARD_USERS),
        "modified prompts": checked.get("modified_prompts"),
        "questions omitted": checked.get("omitted_questions"),
    }
    return next((rule for rule, holds in rules.items() if holds), "")


def _letters(name: object) -> str:
    return re.sub(r"[^a-z\d]", "", str(name or "").lower())


SOURCE = Source(
    name="tau-bench",
    title="tau-bench leaderboard",
    kind="leaderboard",
    operator="Sierra",
    homepage="https://taubench.com/",
    licence="MIT",
    attribution="Sierra and the submitters",
    start=(f"{FOLDER}manifest.json",),
    hosts=frozenset({"raw.githubusercontent.com"}),
    parse=parse,
    boards=tuple(BOARDS.values()),
    cadence_days=7,
)
