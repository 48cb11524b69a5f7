"""What comes in with the code: no dangerous call in our packages, no secret in the repository, an audit that never
mistakes silence for a clean bill.

Calls are found in the syntax tree: a comment that says ``eval`` is no fault, and an alias does not hide one.
"""

from __future__ import annotations

import ast
import importlib.util
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from conftest import ROOT

PACKAGES = ("collectors", "flows", "warehouse")

FORBIDDEN_MODULES = frozenset({"pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve", "subprocess", "pty"})
EXCEPT = {
    "collectors/limited.py": ("import pickle", "import subprocess"),
    "collectors/worker.py": ("import pickle",),
    "flows/sql_engine.py": ("import subprocess",),
    "warehouse/child_process.py": ("import pickle", "import subprocess"),
}
"""The process that parses and the pipe to it; `collectors.limited._Answer` builds rows of what comes, nothing else.
The processes of our own that apply the rules and draw the pages: they parse nothing and run no code of a page.
And npm, which fetches the engine of the site's SQL box where a setting asks for it: one fixed command, one digest."""

FORBIDDEN_CALLS = frozenset(
    {
        "eval",
        "exec",
        "compile",
        "__import__",
        "os.system",
        "os.popen",
        "pandas.read_pickle",
        "yaml.unsafe_load",
        "yaml.full_load",
        "yaml.load_all",
        "ssl._create_unverified_context",
        "numpy.load",
        "torch.load",
    }
)
SAFE_LOADERS = frozenset({"yaml.SafeLoader", "yaml.CSafeLoader"})


def dangers(code: str) -> list[str]:
    """What a module does that none of ours may do, as ``line: what``."""
    return [f"{line}: {what}" for line, what in sorted(_dangers(ast.parse(code)))]


def _dangers(tree: ast.Module) -> Iterator[tuple[int, str]]:
    names = _imported(tree)
    safe = SAFE_LOADERS | {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and {_named(base, names) for base in node.bases} & SAFE_LOADERS
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            for module in modules:
                if module.partition(".")[0] in FORBIDDEN_MODULES:
                    yield node.lineno, f"import {module}"
        elif isinstance(node, ast.Call):
            yield from _call(node, names, safe)
        elif isinstance(node, ast.Attribute) and node.attr in ("CERT_NONE", "_create_unverified_context"):
            yield node.lineno, node.attr
        elif isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Attribute) and target.attr == "check_hostname" for target in node.targets
        ):
            yield node.lineno, "check_hostname"


def _call(node: ast.Call, names: dict[str, str], safe: frozenset[str]) -> Iterator[tuple[int, str]]:
    name = _named(node.func, names)
    given = {keyword.arg: keyword.value for keyword in node.keywords}
    if name in FORBIDDEN_CALLS:
        yield node.lineno, name
    if name in ("yaml.load", "yaml.compose", "yaml.parse"):
        loader = given.get("Loader") or (node.args[1] if len(node.args) > 1 else None)
        if loader is None or _named(loader, names) not in safe:
            yield node.lineno, f"{name} without a safe loader"
    for keyword, forbidden in (("shell", True), ("verify", False), ("allow_pickle", True), ("trust_remote_code", True)):
        value = given.get(keyword)
        if isinstance(value, ast.Constant) and value.value is forbidden:
            yield node.lineno, f"{keyword}={forbidden}"


def _imported(tree: ast.Module) -> dict[str, str]:
    """What each imported name stands for."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.asname: alias.name for alias in node.names if alias.asname}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return found


def _named(node: ast.expr, names: dict[str, str]) -> str:
    """The dotted name of an expression, aliases resolved; empty where it is none."""
    if isinstance(node, ast.Name):
        return names.get(node.id, node.id)
    if isinstance(node, ast.Attribute) and (inner := _named(node.value, names)):
        return f"{inner}.{node.attr}"
    return ""


# --- our packages -------------------------------------------------------------------------------


def test_our_packages_do_nothing_dangerous() -> None:
    modules = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    assert len(modules) > 100
    found = {str(path.relative_to(ROOT)): dangers(path.read_text("utf-8")) for path in modules}
    assert {path: tuple(one.partition(": ")[2] for one in result) for path, result in found.items() if result} == EXCEPT


@pytest.mark.parametrize(
    ("code", "result"),
    [
        ("import pickle", "1: import pickle"),
        ("from pickle import loads", "1: import pickle"),
        ("import pandas as pd\npd.read_pickle('x')", "2: pandas.read_pickle"),
        ("eval('1')", "1: eval"),
        ("def f():\n    exec('1')", "2: exec"),
        ("from os import system as s\ns('ls')", "2: os.system"),
        ("import subprocess", "1: import subprocess"),
        ("run('ls', shell=True)", "1: shell=True"),
        ("import yaml\nyaml.load(text)", "2: yaml.load without a safe loader"),
        ("import yaml as y\ny.load(text, Loader=y.Loader)", "2: yaml.load without a safe loader"),
        ("from yaml import load, UnsafeLoader\nload(text, UnsafeLoader)", "2: yaml.load without a safe loader"),
        ("import yaml\nclass L(yaml.Loader): ...\nyaml.load(text, Loader=L)", "3: yaml.load without a safe loader"),
        ("import httpx\nhttpx.Client(verify=False)", "2: verify=False"),
        ("import ssl\ncontext.verify_mode = ssl.CERT_NONE", "2: CERT_NONE"),
        ("context.check_hostname = False", "1: check_hostname"),
        ("import numpy as np\nnp.load('x', allow_pickle=True)", "2: allow_pickle=True"),
    ],
)
def test_a_danger_is_seen(code: str, result: str) -> None:
    assert result in dangers(code)


@pytest.mark.parametrize(
    "code",
    [
        "# eval(text)\ntext = 'exec(x); yaml.load(y)'",
        "import yaml\nyaml.safe_load(text)",
        "import yaml\nclass Strict(yaml.SafeLoader): ...\nyaml.load(text, Loader=Strict)",
        "import re\nre.compile('x')",
        "db.execute('select 1')",
        "client(verify=context)",
    ],
)
def test_what_only_looks_like_one_is_not(code: str) -> None:
    assert dangers(code) == []


# --- the lock -----------------------------------------------------------------------------------


def pins() -> dict[str, list[str]]:
    """Each requirement of the lock with its lines; a line that belongs to none is an error."""
    found: dict[str, list[str]] = {}
    for line in (ROOT / "requirements.lock").read_text("utf-8").splitlines():
        if line and not line.startswith((" ", "#")):
            found.setdefault(line.removesuffix("\\").strip(), [])
        elif found and line.strip().startswith("--"):
            found[next(reversed(found))].append(line.strip().removesuffix("\\").strip())
    return found


def test_every_requirement_has_nothing_but_sha256_hashes() -> None:
    assert len(pins()) > 100
    assert {pin: given for pin, given in pins().items() if not given} == {}
    given = [one for hashes in pins().values() for one in hashes]
    assert [one for one in given if not re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", one)] == []


def test_every_requirement_is_one_release_and_no_address() -> None:
    form = re.compile(r"[a-z0-9][a-z0-9.-]*(\[[a-z0-9, -]+\])?==[0-9][\w.!+]*( ; [a-z_]+ [<>=!']+.*)?")
    assert [pin for pin in pins() if not form.fullmatch(pin)] == []


def test_neither_make_nor_the_gate_names_an_index() -> None:
    for name in ("Makefile", ".ci/run", "pyproject.toml", "requirements.lock"):
        result = (ROOT / name).read_text("utf-8")
        assert re.findall(r"--(?:extra-)?index-url[= ]\S+|--trusted-host|--find-links|PIP_INDEX_URL", result) == [], (
            name
        )


def test_the_environment_is_installed_with_hashes_required() -> None:
    (line,) = [one for one in (ROOT / "Makefile").read_text("utf-8").splitlines() if "-r requirements.lock" in one]
    assert "--require-hashes" in line


# --- secrets ------------------------------------------------------------------------------------


SECRETS = re.compile(
    r"""-----BEGIN\ (?:[A-Z]+\ )?PRIVATE\ KEY-----
    | \bAKIA[0-9A-Z]{16}\b                                # AWS
    | \bgh[pousr]_[A-Za-z0-9]{36,}\b | \bgithub_pat_\w{50,}
    | \bhf_[A-Za-z0-9]{30,}\b                             # Hugging Face
    | \bsk-(?:ant-|proj-)?[A-Za-z0-9_-]{32,}              # model providers
    | \bxox[abprs]-[A-Za-z0-9-]{20,}                      # Slack
    | hooks\.slack\.com/services/T\w{8,}/B\w{8,}/\w{20,}
    | discord(?:app)?\.com/api/webhooks/\d{15,}/[\w-]{50,}
    | \bpn[ub]_[A-Za-z0-9]{30,}\b                         # Prefect
    | \bpypi-[A-Za-z0-9_-]{60,}
    | \bwhsec_[A-Za-z0-9+/]{40,}={0,2}                    # Standard Webhooks
    """,
    re.VERBOSE,
)


def tracked() -> list[Path]:
    """What is in the repository: the files git knows, where there is git."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("no git repository here")
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z"], check=True, capture_output=True).stdout
    return [path for name in listed.decode().split("\0") if name and (path := ROOT / name).is_file()]


def test_no_tracked_file_holds_a_key_or_token() -> None:
    files = tracked()
    assert len(files) > 100
    found = {str(path.relative_to(ROOT)) for path in files if SECRETS.search(path.read_bytes().decode("latin-1"))}
    assert found == set()


def test_no_tracked_file_is_where_secrets_live() -> None:
    private = re.compile(r"^\.env|\.(pem|key|p12|pfx)$|^id_(rsa|ed25519)|^\.netrc|^\.pypirc")
    assert [path.name for path in tracked() if private.search(path.name)] == []


@pytest.mark.parametrize(
    "secret",
    [
        "-----BEGIN " + "RSA PRIVATE KEY-----",
        "-----BEGIN " + "PRIVATE KEY-----",
        "AKIA" + "Q" * 16,
        "ghp_" + "a1" * 18,
        "hf_" + "Ab" * 17,
        "sk-ant-" + "x9" * 20,
        "whsec_" + "Zm9v" * 12,
    ],
)
def test_a_secret_is_seen(secret: str) -> None:
    assert SECRETS.search(f"TOKEN = '{secret}'")


# --- SECURITY.md --------------------------------------------------------------------------------


def test_security_names_only_what_is_there() -> None:
    result = (ROOT / "SECURITY.md").read_text("utf-8")
    named = set(re.findall(r"`((?:tests|collectors|flows|warehouse|docs)/[\w./*]+|\w+\.(?:toml|lock|yaml))`", result))
    assert len(named) > 10
    mine = {name for name in named if name != "alerts.yaml"}
    assert [name for name in sorted(mine) if not list(ROOT.glob(name))] == []


# --- the audit ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit", ROOT / ".ci" / "audit.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def report(*dependencies: dict[str, Any]) -> str:
    return json.dumps({"dependencies": list(dependencies), "fixes": []})


CLEAN = {"name": "aye", "version": "1.0", "vulns": []}
HOLED = {
    "name": "bee",
    "version": "2.0",
    "vulns": [{"id": "PYSEC-2026-1", "fix_versions": ["2.1"], "aliases": ["CVE-2026-1"], "description": "x"}],
}
UNKNOWN = {"name": "cee", "skip_reason": "Dependency not found on PyPI and could not be audited: cee (3.0)"}


@pytest.mark.parametrize(
    ("given", "code", "says"),
    [
        (report(CLEAN), 0, "no known vulnerability in 1 locked release"),
        (report(CLEAN, HOLED), 1, "bee 2.0: PYSEC-2026-1 (CVE-2026-1), mended in 2.1"),
        (report(UNKNOWN), 2, "nothing was audited: the index answered for none of 1 locked releases"),
        (report(CLEAN, UNKNOWN), 2, "1 of 2 locked releases were not audited: cee"),
        (report(HOLED, UNKNOWN), 1, "bee 2.0"),
        (report(), 2, "nothing was audited"),
        ("", 2, "nothing was audited: pip-audit gave no report"),
        ("Traceback", 2, "nothing was audited: pip-audit gave no report"),
    ],
)
def test_an_audit_without_an_answer_is_never_clean(audit: ModuleType, given: str, code: int, says: str) -> None:
    result = audit.verdict(given)
    assert result[0] == code
    assert says in result[1]
