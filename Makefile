# The commands of this project, for people and for .ci/run alike; `make` alone lists them.

PYTHON  ?= python3
VENV    ?= .venv
WORKERS ?= 2
UV      ?= $(VENV)/lock/bin/uv

bin   := $(VENV)/bin
stamp := $(VENV)/.installed

export DO_NOT_TRACK := 1
export PREFECT_SERVER_ANALYTICS_ENABLED := false
export GX_ANALYTICS_ENABLED := false
export HF_HUB_DISABLE_TELEMETRY := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Without stored bytecode every start compiles Prefect and Great Expectations again, for some ten seconds.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install run test lint types imports check docs deployment lineage proof bench audit lock clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(stamp) ## set up .venv as the lock says; nothing to do while lock and pyproject are unchanged

$(stamp): requirements.lock pyproject.toml
	@echo "Setting up $(VENV): three to six minutes, this once."
	@$(PYTHON) -c 'import sys; sys.exit("gapindex needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	@test -x $(bin)/python || $(PYTHON) -m venv $(VENV)
	@$(bin)/python -m pip install -qq --no-compile --require-hashes -r requirements.lock
	@$(bin)/python -m pip install -qq --no-compile --no-deps --no-build-isolation --editable .
	@$(bin)/python -m compileall -qq -j 0 $(VENV)/lib collectors warehouse flows || true # some packages ship templates that do not compile
	@touch $@

run: install ## tonight's job, from fetching to the published index (ARGS="..." adds options)
	@$(bin)/gapindex run --prefect $(ARGS) || { code=$$?; \
	test $$code -eq 3 && echo "Published, but stale: $(bin)/gapindex sources says why." || exit $$code; }

test: install ## the tests, in WORKERS=2 processes (ARGS="-k hub" chooses)
	@$(bin)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

lint: install ## ruff and sqlfluff: rules and format of Python and SQL
	@$(bin)/ruff check .
	@$(bin)/ruff format --check .
	@$(bin)/sqlfluff lint --processes $(WORKERS) warehouse/sql/*/

types: install ## mypy, strict
	@$(bin)/mypy

imports: install ## who may import whom
	@$(bin)/lint-imports --no-cache

check: lint types imports ## lint, types and imports

deployment: install ## servers, workers, schedules, Dask and DuckLake, for real, and what their deaths cost (ten minutes)
	@GAPINDEX_TEST_DEPLOYMENT=1 $(bin)/python -m pytest --durations 8 tests/test_deployment.py tests/test_serve.py \
	  tests/test_parts.py tests/test_ducklake.py $(ARGS)

docs: install ## the documentation as a site, into build/docs
	@$(bin)/zensical build --clean

lineage: install ## write docs/lineage.md from the SQL
	@$(bin)/python -m warehouse.lineage > docs/lineage.md

proof: install ## measure what METHOD section 8 and the gates promise, and write it into docs/PROOFS.md (ARGS="eci gates" chooses)
	@$(bin)/python -m proofs $(ARGS)

bench: install ## what a night, a fetch, a fit and a curve cost, beside others: writes docs/BENCHMARKS.md (without the longest runs: ARGS="--nights 20 --scales 1 10")
	@$(bin)/python -m benchmarks $(ARGS)

audit: install ## known vulnerabilities among the locked releases (asks PyPI; no answer is reported and is never a pass)
	@$(bin)/pip-audit --requirement requirements.lock --disable-pip --require-hashes --progress-spinner off \
	  --format json $(ARGS) 2>$(VENV)/audit.log | $(bin)/python .ci/audit.py

# pip before 23.3 does not see that "sqlalchemy[asyncio]" is bounded by the pin of "sqlalchemy", nor the other
# way round; so what is pinned with an extra is pinned without it as well.
lock: ## resolve pyproject.toml anew into requirements.lock (ARGS=--upgrade for newer releases)
	@command -v $(UV) >/dev/null || { $(PYTHON) -m venv $(VENV)/lock && $(VENV)/lock/bin/python -m pip install -qq uv; }
	@$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras \
	  --no-emit-index-url --no-header --extra dev --output-file requirements.lock $(ARGS) pyproject.toml
	@$(PYTHON) -c 'import pathlib, re; lock = pathlib.Path("requirements.lock"); lock.write_text(re.sub( \
	  r"(?ms)^([\w.-]+)\[[^]]+\](==.*?)(?=^\w|\Z)", r"\1\2\g<0>", lock.read_text()))'

clean: ## remove the environment and every cache; data stay
	@rm -rf $(VENV) dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
