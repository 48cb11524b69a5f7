"""`gapindex mcp`, asked by the SDK's own client over standard input and output."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from examples import Example, closed, opened, score

NIGHT = "2026-06-14"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    example = Example(tmp_path_factory.mktemp("data"))
    example.saw(
        NIGHT,
        closed("Cee", api="2026-01-01"),
        opened("Oh", weights="2026-02-01"),
        score("Cee", 60),
        score("Oh", 50),
    )
    example.published(NIGHT)
    return example.folder


def asked(data: Path, *calls: tuple[str, dict[str, Any]]) -> list[tuple[bool, Any]]:
    """For each call whether it is an error, and its answer: JSON, or the text of the error."""
    from mcp import ClientSession, StdioServerParameters
    from mcp.client.stdio import stdio_client

    async def talk() -> list[tuple[bool, Any]]:
        run = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from flows.cli import main; main()"
        started = StdioServerParameters(command=sys.executable, args=["-c", run, "mcp", "--data", str(data)])
        async with stdio_client(started) as (read, write), ClientSession(read, write) as session:
            await session.initialize()
            names = {tool.name for tool in (await session.list_tools()).tools}
            assert names == {"how_far_behind", "why", "compare", "models", "tables", "sql"}
            found = []
            for name, given in calls:
                answer = await session.call_tool(name, given)
                text = "".join(getattr(part, "text", "") for part in answer.content)
                found.append((bool(answer.is_error), text if answer.is_error else json.loads(text)))
            return found

    return asyncio.run(talk())


@pytest.mark.slow
def test_an_assistant_asks_and_gets_the_evidence(data: Path) -> None:
    behind, why, compare, tables, sql = (
        answer
        for error, answer in asked(
            data,
            ("how_far_behind", {"scope": "toy"}),
            ("why", {"scope": "toy", "night": NIGHT}),
            ("compare", {"a": "Cee", "b": "oh"}),
            ("tables", {}),
            ("sql", {"query": "select model, value from score order by value"}),
        )
        if not error
    )
    assert (behind["closed_model"], behind["open_model"], behind["gap"]) == ("Cee", "Oh", 10)
    assert {(one["written_as"], one["value"]) for one in behind["evidence"]} == {("Cee", 60), ("Oh", 50)}
    assert all(one["url"].startswith("https://toy.example/") and len(one["sha256"]) == 64 for one in behind["evidence"])
    assert behind["publication"]["night"] == NIGHT
    assert why["evidence"] == behind["evidence"]
    assert (compare["boards"][0]["a"], compare["boards"][0]["b"], compare["better_on"]["a"]) == (60, 50, 1)
    assert compare["evidence"][0]["url"].startswith("https://toy.example/")
    about = {one["table"]: one for one in tables["tables"]}
    assert "Key: scope, edition, tier, night." in about["gap_index"]["about"]
    assert sql["rows"] == [["Oh", 50.0], ["Cee", 60.0]] and sql["cut"] is False


@pytest.mark.slow
def test_what_cannot_be_answered_is_an_error_that_says_why(data: Path) -> None:
    found = asked(
        data,
        ("how_far_behind", {"scope": "toys"}),
        ("how_far_behind", {"scope": "toy", "night": "yesterday"}),
        ("compare", {"a": "Cee", "b": "Nobody"}),
        ("sql", {"query": "select * from read_text('/etc/passwd')"}),
        ("sql", {"query": "set enable_external_access = true"}),
        ("models", {"domain": "cooking"}),
        ("sql", {"query": "select range as n from range(1000)"}),
    )
    assert [error for error, _ in found] == [True] * 6 + [False]
    texts = [text for _, text in found]
    assert "did you mean toy?" in texts[0]
    assert "is no date; give one like 2026-06-14" in texts[1]
    assert "no model 'Nobody'" in texts[2]
    assert "disabled" in texts[3] and "locked" in texts[4]
    assert "no domain is called 'cooking'" in texts[5]
    assert (len(texts[6]["rows"]), texts[6]["cut"]) == (200, True)
