"""Settings: where a value comes from, what a mistake says, and that a secret is never shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import gapindex

from flows.settings import BadSetting, Settings, load


def written(folder: Path, text: str) -> dict[str, str]:
    file = folder / "gapindex.yaml"
    file.write_text(text, "utf-8")
    return {"GAPINDEX_CONFIG": str(file)}


def test_an_option_wins_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    env = written(tmp_path, "# ours\ndata: nights\ncontact: file@toy.example\nwait: 7\nalerts: alerts.yaml\n")
    loaded = load(env | {"GAPINDEX_WAIT": "8", "GAPINDEX_CONTACT": "env@toy.example", "GAPINDEX_DATTA": "x"}, wait=9.0)
    settings = loaded.settings
    assert (settings.data, settings.alerts) == (tmp_path / "nights", tmp_path / "alerts.yaml")  # beside the file
    assert (settings.contact, settings.wait) == ("env@toy.example", 9)
    assert loaded.origins["data"] == f"{tmp_path / 'gapindex.yaml'}:2"
    assert [loaded.origins[name] for name in ("contact", "wait", "mirror")] == [
        "GAPINDEX_CONTACT",
        "option --wait",
        "default",
    ]
    assert loaded.unknown == ("GAPINDEX_DATTA",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("data: x\nwaitt: 5", ":2: waitt: no such setting; did you mean wait"),
        ("data: x\nwait: soon", ":2: wait 'soon' is no number of seconds from 0 to 86400"),
        ("wait: 1\n\nwait: 2", ":3: wait: stands twice, first in .*:1; keep one"),
        ("data: [a, b]", ":1: data: one value is expected, not a list"),
        ("data: x\n\tmirror: y", ":2: no YAML"),
        ("- data", ":1: a list of settings is expected"),
        ("site_url: gap.example", ":1: site_url 'gap.example' is no address"),
    ],
)
def test_a_mistake_names_its_file_line_and_key(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(BadSetting, match=message) as caught:
        load(written(tmp_path, text))
    assert str(tmp_path / "gapindex.yaml") in str(caught.value)


def test_dask_needs_a_prefect_server_that_its_workers_reach(tmp_path: Path) -> None:
    filed = written(tmp_path, "contact: me@toy.example\nrunner: dask\n")
    todo = "PREFECT_API_URL names none; start one .* and set PREFECT_API_URL=http://HOST:4200/api, or choose"
    with pytest.raises(BadSetting, match=f"gapindex.yaml:2: runner is dask, .* {todo}"):
        load(filed)
    with pytest.raises(BadSetting, match=f"^GAPINDEX_RUNNER is dask, .* {todo}"):
        load({"GAPINDEX_RUNNER": "dask"})
    assert load(filed | {"PREFECT_API_URL": "http://127.0.0.1:4200/api"}).settings.runner == "dask"
    assert load(filed | {"GAPINDEX_RUNNER": "threads"}).settings.runner == "threads"


@pytest.mark.parametrize("line", ["ping_url: https://hc.example/hunter2", "mirror: http://u:hunter2@127.0.0.1:1/"])
def test_a_secret_is_refused_in_a_file_and_not_repeated(tmp_path: Path, line: str) -> None:
    with pytest.raises(BadSetting, match="holds a secret, which has no place in a file; set GAPINDEX_") as caught:
        load(written(tmp_path, line))
    assert "hunter2" not in str(caught.value)


def test_a_file_that_is_named_and_missing_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="cannot be read"):
        load({"GAPINDEX_CONFIG": str(tmp_path / "none.yaml")})


def test_the_command_shows_values_and_origins_and_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in written(tmp_path, "contact: me@toy.example\n").items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("GAPINDEX_PING_URL", "https://hc.example/canary")
    monkeypatch.setenv("GAPINDEX_MIRROR", "http://user:canary@127.0.0.1:8799/@{night}")
    answer = gapindex("config", "--json")
    output = answer.out
    assert answer.code == 0
    assert "canary" not in output and "set (not shown)" in output and "http://127.0.0.1:8799/@{night}" in output
    assert f"{tmp_path / 'gapindex.yaml'}:1" in output and "GAPINDEX_PING_URL" in output
    assert "canary" not in repr(Settings.from_env())
    answer = gapindex("config")
    assert answer.code == 0 and "canary" not in answer.out and "me@toy.example" in answer.out
