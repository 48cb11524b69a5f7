"""The mini-web: tests/web/world.yaml as pages in the sources' true formats, night by night.

**The next source** is one function under `page`: from the world and a night to the pages by address, as the site would
write them.  What happens on which night stands in world.yaml alone.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import yaml

WORLD = Path(__file__).resolve().parent.parent / "web" / "world.yaml"
RAW = "https://raw.githubusercontent.com"
GAVE_UP = 503

Pages = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of a board on one night: ``since`` is the night on which it came or changed."""

    name: str
    value: float
    since: date
    facts: Mapping[str, Any]

    @property
    def slug(self) -> str:
        return self.name.lower().replace(" ", "-")

    @property
    def open(self) -> bool:
        """Whether its weights are published by then."""
        return "licence" in self.facts

    @property
    def maker(self) -> str:
        return str(self.facts["maker"])


@dataclass(frozen=True, slots=True)
class World:
    """The facts of world.yaml."""

    facts: Mapping[str, Any]

    @property
    def nights(self) -> list[date]:
        first, last = self.facts["first"], self.facts["last"]
        return [first + timedelta(days=n) for n in range((last - first).days + 1)]

    def models(self, night: date) -> dict[str, Mapping[str, Any]]:
        """The models that can be had by then."""
        return {name: facts for name, facts in self.facts["models"].items() if facts["api"] <= night}

    def rows(self, board: str, night: date) -> list[Entry]:
        """A board's rows on a night, highest value first."""
        answer = dict(self.facts["boards"][board])
        pebbles, shifts = answer.pop("pebbles"), answer.pop("shift", {})
        added = sum(by for on, by in shifts.items() if on <= night)
        rows = []
        for name, values in answer.items():
            since, value = _current(values, night, self.facts["first"])
            if value is not None:
                facts = dict(self.facts["models"][name])
                if facts.get("weights", date.max) > night:
                    facts.pop("licence", None)
                rows.append(Entry(name=name, value=value + added, since=since, facts=facts))
        least = min(row.value for row in rows) - added
        pebble = {"maker": "Quarry", "licence": "apache-2.0"}
        for n in range(1, pebbles + 1):
            value = round(least * (1 - n / 200), 2) + added
            rows.append(Entry(name=f"Pebble {n}", value=value, since=date(2022, 10, 1), facts=pebble))
        return sorted(rows, key=lambda row: -row.value)

    def dark(self, source: str, night: date) -> bool:
        return source in self.facts["dark"] and _within(night, self.facts["dark"][source])

    def drifted(self, source: str, night: date, text: str) -> str:
        change = self.facts["drift"].get(source)
        return text.replace(*change["text"]) if change and _within(night, change["nights"]) else text

    def paid(self, name: str, night: date) -> tuple[float, float]:
        """LiteLLM's price of a model, slips included."""
        slip = self.facts["price_slips"].get(name)
        factor = slip["factor"] if slip and _within(night, slip["nights"]) else 1
        first, second = self.facts["models"][name]["price"]
        return first * factor, second * factor


def _current(values: Any, night: date, first: date) -> tuple[date, float | None]:
    if not isinstance(values, Mapping):
        return first, values
    past = [(on, value) for on, value in values.items() if on <= night]
    return max(past, key=lambda one: one[0], default=(first, None))


def _within(night: date, nights: Sequence[date]) -> bool:
    return nights[0] <= night < nights[1]


Emitter = Callable[[World, date], Pages]
EMITTERS: dict[str, Emitter] = {}


def page(source: str) -> Callable[[Emitter], Emitter]:
    """Registers what writes the pages of a source."""

    def register(emitter: Emitter) -> Emitter:
        EMITTERS[source] = emitter
        return emitter

    return register


def _csv(rows: Sequence[Mapping[str, Any]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _json(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False)


# --- boards -------------------------------------------------------------------------------------


@page("arena-daily")
def arena_daily(world: World, night: date) -> Pages:
    """A folder a night; its boards are what they were until a row changes."""
    root = f"{RAW}/aabao325/arena-ai-leaderboards/main/data"
    boards = {"text": "arena-text", "code-webdev": "arena-webdev"}
    counts = {}
    pages = {f"{root}/latest.json": _json({"date": str(night), "path": str(night)})}
    for file, board in boards.items():
        rows = world.rows(board, night)
        counts[file] = {"model_count": len(rows)}
        meta = {
            "leaderboard": file,
            "source_url": f"https://arena.ai/leaderboard/{file}",
            "fetched_at": f"{night}T06:18:20.786805+00:00",
            "last_updated": f"{max(row.since for row in rows if 'api' in row.facts):%b %d, %Y}",
            "model_count": len(rows),
        }
        cells = [
            {
                "rank": rank,
                "model": row.slug,
                "vendor": row.maker,
                "license": {"mit": "MIT", "apache-2.0": "Apache 2.0"}.get(row.facts["licence"], "Modified MIT")
                if row.open
                else "proprietary",
                "score": row.value,
                "ci": 6,
                "votes": 12_000 - 100 * rank,
            }
            for rank, row in enumerate(rows, 1)
        ]
        pages[f"{root}/{night}/{file}.json"] = _json({"meta": meta, "models": cells})
    index = {"date": str(night), "fetched_at": f"{night}T06:18:20.786805+00:00", "leaderboards": counts, "errors": []}
    return pages | {f"{root}/{night}/_index.json": _json(index)}


@page("arena-csv")
def arena_csv(world: World, night: date) -> Pages:
    """With the one real name from which the scale is recognised."""
    rows = world.rows("arena-text-csv", night)
    anchor = 1138 + (rows[0].value - 1488)
    table = [
        {
            "rank": rank,
            "rank_stylectrl": rank,
            "model": name,
            "arena_score": round(value),
            "95_pct_ci": "+5/-5",
            "votes": 20_000 - 100 * rank,
            "organization": maker,
            "license": licence,
            "knowledge_cutoff": "",
            "url": "https://arena.example/model",
        }
        for rank, (name, value, maker, licence) in enumerate(
            [
                *((row.name, row.value, row.maker, row.facts.get("licence", "Proprietary")) for row in rows),
                ("Mixtral-8x7B-Instruct-v0.1", anchor, "Mistral", "Apache 2.0"),
            ],
            1,
        )
    ]
    return {f"{RAW}/fboulnois/llm-leaderboard-csv/main/csv/lmarena_text.csv": _csv(table)}


@page("aider-polyglot")
def aider_polyglot(world: World, night: date) -> Pages:
    """Runs, and one of two models, which is no model's result."""

    def run(model: str, value: float, day: date, edit_format: str = "diff", more: str = "") -> str:
        return (
            f"- dirname: {day}-10-00-00--run\n  test_cases: 225\n  model: {model}\n  edit_format: {edit_format}\n{more}"
            f"  pass_rate_1: {value * 0.6:.1f}\n  pass_rate_2: {value:.1f}\n  percent_cases_well_formed: 97.8\n"
            f"  date: {day}\n  total_cost: 12.5000\n"
        )

    runs = [run(row.name, row.value, row.since) for row in world.rows("aider-polyglot", night)]
    editor = "  editor_model: claude-opus-9.1\n"
    runs.append(run("DeepSeek-V9 + claude-opus-9.1", 82.0, world.nights[0], "architect", editor))
    return {f"{RAW}/Aider-AI/aider/main/aider/website/_data/polyglot_leaderboard.yml": "\n".join(runs)}


@page("gso")
def gso(world: World, night: date) -> Pages:
    models = [
        {
            "name": row.name,
            "scaffold": "OpenHands",
            "setting": setting,
            "score": round(row.value + more, 1),
            "date": str(row.since),
            "model_org": row.maker,
            "score_hack_control": round(row.value, 1),
            "reasoning_effort": "high",
        }
        for row in world.rows("gso", night)
        for setting, more in (("Opt@1", 2.0), ("Opt@10", 9.0))
    ]
    table = {"models": models, "metadata": {"last_updated": "2023-01-10", "total_tasks": 102}}
    return {"https://gso-bench.github.io/assets/leaderboard.json": _json(table)}


@page("mmmu")
def mmmu(world: World, night: date) -> Pages:
    human = {
        "info": {"name": "Human Expert (High)", "size": "-", "date": "2021-01-31", "type": "human_expert"},
        "validation": {"overall": "88.6"},
    }
    models = [
        {
            "info": {
                "name": row.name,
                "size": "-",
                "date": str(row.facts.get("api", row.since)),
                "type": "open_source" if row.open else "proprietary",
                "link": "https://mmmu.example/",
            },
            "validation": {"overall": f"{row.value:.1f}"},
            "test": {"overall": f"{row.value - 6:.1f}", "source": "author"},
            "pro": {"overall": f"{row.value - 12:.1f}", "source": "author"},
        }
        for row in world.rows("mmmu-val", night)
    ]
    return {"https://mmmu-benchmark.github.io/leaderboard_data.json": _json({"leaderboardData": [human, *models]})}


@page("alpaca-eval-2")
def alpaca_eval_2(world: World, night: date) -> Pages:
    table = [
        {
            "": row.slug,
            "win_rate": row.value - 4,
            "standard_error": 1.4,
            "n_wins": 400,
            "n_wins_base": 400,
            "n_draws": 5,
            "n_total": 805,
            "discrete_win_rate": row.value - 3,
            "mode": "verified",
            "avg_length": 1900,
            "length_controlled_winrate": row.value,
            "lc_standard_error": 0.8,
        }
        for row in world.rows("alpaca-eval-2", night)
    ]
    folder = f"{RAW}/tatsu-lab/alpaca_eval/main/src/alpaca_eval/leaderboards/data_AlpacaEval_2"
    return {f"{folder}/weighted_alpaca_eval_gpt4_turbo_leaderboard.csv": _csv(table)}


@page("evalplus")
def evalplus(world: World, night: date) -> Pages:
    def solved(value: float, tasks: int) -> float:
        return round(round(value * tasks / 100) * 100 / tasks, 1)

    models = {
        row.name: {
            "link": f"https://huggingface.co/{row.facts['repo']}"
            if "repo" in row.facts
            else "https://evalplus.example/",
            "open-data": "NONE",
            "pass@1": {
                "humaneval": solved(row.value + 3, 164),
                "humaneval+": solved(row.value, 164),
                "mbpp": solved(row.value - 2, 378),
                "mbpp+": solved(row.value - 12, 378),
            },
            "prompted": True,
            "size": None,
        }
        for row in world.rows("humaneval-plus", night)
    }
    return {"https://evalplus.github.io/results.json": _json(models)}


@page("bullshit-bench")
def bullshit_bench(world: World, night: date) -> Pages:
    table = [
        {
            "rank": rank,
            "model": f"{row.facts.get('lab', 'quarry')}/{row.slug}@reasoning=high",
            "org": row.facts.get("lab", "quarry"),
            "reasoning": "high",
            "avg_score": row.value,
            "green_rate": 0.8,
            "red_rate": 0.1,
            "score_2": 80,
            "score_1": 10,
            "score_0": 10,
            "nonsense_count": 100,
            "error_count": 0,
            "model_base": f"{row.facts.get('lab', 'quarry')}/{row.slug}",
            "launch_date": row.facts.get("api", ""),
            "model_age_days": 60,
            "launch_evidence_url": "https://bench.example/launch",
            "open_model_status": "open_weights" if row.open else "closed",
            "total_params_b": "",
            "active_params_b": "",
            "active_params_status": "not_disclosed",
            "model_license": row.facts.get("licence", "proprietary"),
        }
        for rank, row in enumerate(world.rows("bullshit-bench", night), 1)
    ]
    return {f"{RAW}/petergpt/bullshit-benchmark/main/data/v2/latest/leaderboard_with_launch.csv": _csv(table)}


@page("bird-sql")
def bird_sql(world: World, night: date) -> Pages:
    """Plain models as the organisers ran them, a human, and an agent; one row in a comment."""
    heads = "".join(
        f"<th>{head}</th>" for head in ("", "Model", "Code", "Size", "Oracle Knowledge", "Dev (%)", "Test (%)")
    )

    def line(on: str, name: str, affiliation: str, test: str) -> str:
        return (
            f'<tr><td><span class="badge">{on}</span></td><td>{escape(name)}<br />'
            f'<span class="affiliation">{affiliation}</span></td><td></td><td>UNK</td><td>✔️</td><td></td>'
            f"<td>{test}</td></tr>"
        )

    lines = [line(f"{row.since:%b %d, %Y}", row.name, "Baseline", f"{row.value:.2f}") for row in
             world.rows("bird-sql-test", night)]  # fmt: skip
    lines.insert(0, line("", "Human Performance", "Data Engineers + DB Students", "92.96"))
    lines.insert(1, line("Mar 02, 2023", "Ferret + GPT-9.1", "Quarry", "77.10"))
    lines.append(f"<!-- {line('Apr 01, 2023', 'A hidden row', 'Baseline', '99.00')} -->")
    table = f'<table class="table" id="ex-table"><thead><tr>{heads}</tr></thead><tbody>\n' + "\n".join(lines)
    body = (
        '<!DOCTYPE html>\n<html lang="en"><body><div class="card"><div class="card-header">Leaderboard - Execution'
        f" Accuracy (EX)</div>\n{table}</tbody></table></div>\n</body></html>\n"
    )
    return {"https://bird-bench.github.io/": body}


@page("spider2")
def spider2(world: World, night: date) -> Pages:
    lines = [
        f'<tr data-date="{row.since:%b %d, %Y}"><td class="rank-cell"></td><td>Spider-Agent + {row.name}<br/>'
        f'<span class="affiliation">{row.maker}</span></td><td><b>{row.value:.2f}</b></td></tr>'
        for row in world.rows("spider2-snow", night)
    ]
    body = (
        "<!DOCTYPE html>\n<html><body>\n"
        '<div id="spiderSnow"><p><strong>Spider 2.0-Snow</strong> is a self-contained text-to-SQL task that includes'
        ' <strong>547</strong> examples.</p>\n<table id="ex-table-snow">\n'
        "<tr><th>Rank</th><th>Method</th><th>Score</th></tr>\n"
        + "\n".join(lines)
        + "\n</table></div>\n</body></html>\n"
    )
    return {"https://spider2-sql.github.io/": body}


@page("vectara-hallucination")
def vectara_hallucination(world: World, night: date) -> Pages:
    rows = sorted(world.rows("vectara-hallucination", night), key=lambda row: row.value)
    lines = "\n".join(f"|{row.name}|{row.value:.1f} %|{100 - row.value:.1f} %|99.5 %|95.7|" for row in rows)
    text = f"""# Hallucination Leaderboard

1. A version based on the previous dataset is available [here](https://github.com/vectara/hallucination-leaderboard)

Last updated on {max(row.since for row in rows):%B %d, %Y}

|Model|Hallucination Rate|Factual Consistency Rate|Answer Rate|Average Summary Length (Words)|
|----|----:|----:|----:|----:|
{lines}

This leaderboard uses HHEM-2.3.
* Contains over 7700 articles

## Methodology
"""
    return {f"{RAW}/vectara/hallucination-leaderboard/main/README.md": text}


# --- registries, prices, the Hub ----------------------------------------------------------------


@page("openrouter-models")
def openrouter_models(world: World, night: date) -> Pages:
    rows = [
        {
            "id": f"{facts['lab']}/{name.lower().replace(' ', '-')}",
            "hugging_face_id": facts.get("repo", "") if facts.get("weights", date.max) <= night else "",
            "name": f"{facts['maker']}: {name}",
            "created": int(datetime.combine(facts["api"], time(12), UTC).timestamp()),
            "description": "An invented model.",
            "context_length": 200_000,
            "architecture": {"modality": "text->text", "tokenizer": "Other", "instruct_type": None},
            "pricing": {"prompt": f"{facts['price'][0] / 1e6:.8f}", "completion": f"{facts['price'][1] / 1e6:.8f}"},
            "top_provider": {"context_length": 200_000, "max_completion_tokens": None, "is_moderated": False},
            "per_request_limits": None,
        }
        for name, facts in world.models(night).items()
    ]
    return {"https://openrouter.ai/api/v1/models": _json({"data": rows})}


@page("models-dev-api")
def models_dev_api(world: World, night: date) -> Pages:
    labs: dict[str, Any] = {lab: {"id": lab, "name": lab, "models": {}} for lab in ("anthropic", "deepseek", "openai")}
    for name, facts in world.models(night).items():
        slug = name.lower().replace(" ", "-")
        lab = labs.setdefault(facts["lab"], {"id": facts["lab"], "name": facts["maker"], "models": {}})
        lab["models"][slug] = {
            "id": slug,
            "name": name,
            "open_weights": facts.get("weights", date.max) <= night,
            "release_date": str(facts["api"]),
            "last_updated": str(facts["api"]),
            "cost": {"input": facts["price"][0], "output": facts["price"][1]},
            "limit": {"context": 200_000, "output": 64_000},
        }
    return {"https://models.dev/api.json": _json(labs)}


@page("litellm-prices")
def litellm_prices(world: World, night: date) -> Pages:
    rows: dict[str, Any] = {"sample_spec": {"input_cost_per_token": 0.0, "litellm_provider": "one of the providers"}}
    for name, facts in world.models(night).items():
        paid_in, paid_out = world.paid(name, night)
        rows[name.lower().replace(" ", "-")] = {
            "max_tokens": 64_000,
            "input_cost_per_token": paid_in / 1e6,
            "output_cost_per_token": paid_out / 1e6,
            "litellm_provider": facts["lab"],
            "mode": "chat",
        }
    return {f"{RAW}/BerriAI/litellm/main/model_prices_and_context_window.json": _json(rows)}


def hub_repositories(world: World, night: date) -> list[dict[str, Any]]:
    """The Hub's repositories, newest first, as its listing has them."""
    rows = [
        {
            "_id": f"{n:024x}",
            "id": facts["repo"],
            "createdAt": f"{facts['weights']}T06:04:45.000Z",
            "downloads": 1000 * n,
            "likes": 100 * n,
            "trendingScore": n,
            "private": False,
            "gated": False,
            "disabled": None,
            "tags": ["transformers", "safetensors", "text-generation", f"license:{facts['licence']}"],
            "library_name": "transformers",
            "safetensors": {"parameters": {"BF16": facts["parameters"]}, "total": facts["parameters"]},
            "cardData": {"license": facts["licence"], "library_name": "transformers"},
            "siblings": [{"rfilename": "README.md"}, {"rfilename": "model-00001-of-00002.safetensors"}],
        }
        for n, facts in enumerate(world.facts["models"].values(), 1)
        if facts.get("weights", date.max) <= night
    ]
    return sorted(rows, key=lambda row: row["createdAt"], reverse=True)


# --- news and service ---------------------------------------------------------------------------


def _news(world: World, lab: str, night: date) -> Iterator[dict[str, Any]]:
    return (item for item in reversed(world.facts["news"][lab]) if item["day"] <= night)


@page("feed-openai-research")
def feed_openai_research(world: World, night: date) -> Pages:
    items = "".join(
        f"<item><title>{escape(item['title'])}</title><link>{item['link']}</link><description>News.</description>"
        f"<pubDate>{format_datetime(datetime.combine(item['day'], time(17), UTC))}</pubDate></item>\n"
        for item in _news(world, "openai", night)
    )
    text = (
        "<?xml version='1.0' encoding='UTF-8'?>\n<rss version=\"2.0\"><channel><title>OpenAI Research News</title>"
        f"<link>https://openai.com/news/research</link><description>Research news</description>\n"
        f"{items}</channel></rss>\n"
    )
    return {f"{RAW}/Olshansk/rss-feeds/main/feeds/feed_openai_research.xml": text}


@page("feed-deepseek-news")
def feed_deepseek_news(world: World, night: date) -> Pages:
    entries = "".join(
        f'<entry><title>{escape(item["title"])}</title><id>{item["day"]:%Y%m%d}</id><link href="{item["link"]}"/>'
        f"<updated>{item['day']}T00:00:00+00:00</updated><summary>News.</summary></entry>\n"
        for item in _news(world, "deepseek", night)
    )
    text = (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom"><title>Deepseek News</title>'
        f"<id>tag:ai-news-direct.local,2025:deepseek_news</id><updated>{night}T13:03:04+00:00</updated>\n{entries}</feed>\n"
    )
    return {f"{RAW}/mibuhand/AI-News-Direct/main/feeds/deepseek_news.xml": text}


def _status(world: World, provider: str, night: date) -> Pages:
    incidents = [
        {
            "id": f"{item['day']:%Y%m%d}-{provider}-api",
            "product_id": f"{provider}-api",
            "component_name": "API",
            "title": item["title"],
            "opened_at": f"{item['day']}T10:00:00Z",
            "resolved_at": f"{item['day']}T{10 + item['hours']}:00:00Z",
            "raw_severity": "major_outage",
        }
        for item in world.facts["incidents"][provider]
        if item["day"] <= night
    ]
    page = {
        "company_id": provider,
        "last_scraped": f"{night}T19:12:17.705Z",
        "scrape_success": bool(incidents),
        "incidents": incidents,
    }
    folder = f"{RAW}/b3ngriffiths/ai-status-leaderboard/main/site/data/incidents"
    return {f"{folder}/{provider}.json": _json(page)}


@page("status-openai")
def status_openai(world: World, night: date) -> Pages:
    return _status(world, "openai", night)


@page("status-mistral")
def status_mistral(world: World, night: date) -> Pages:
    """Published and empty: the recorder never could read this page."""
    return _status(world, "mistral", night)


# --- all of it ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What an address answers from a night on: a page, or ``status`` where there is none."""

    since: date
    body: bytes = b""
    status: int = 200


@cache
def world() -> World:
    return World(yaml.safe_load(WORLD.read_text("utf-8")))


@cache
def versions() -> Mapping[str, Sequence[Version]]:
    """Every address with its versions, oldest first."""
    found: dict[str, list[Version]] = {}
    facts = world()
    for night in facts.nights:
        for source, emitter in EMITTERS.items():
            for url, text in emitter(facts, night).items():
                body = facts.drifted(source, night, text).encode()
                known = found.setdefault(url, [])
                now = (
                    Version(since=night, status=GAVE_UP)
                    if facts.dark(source, night)
                    else Version(since=night, body=body)
                )
                if not known or (known[-1].body, known[-1].status) != (now.body, now.status):
                    known.append(now)
    return found
