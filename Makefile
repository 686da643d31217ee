SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
# Compiled modules are kept: without them each of the processes that tests and `up` start compiles all of them again.
unexport PYTHONDONTWRITEBYTECODE

# Any Python from 3.11 on: make setup PYTHON=python3.13
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CACHE := $(or $(ORDERTRAIL_CACHE),.cache)
RUNTIME := $(VENV)/.runtime-installed
TOOLS := $(VENV)/.tools-installed
SOURCES := domain streams commands projections query_api web ordertrail
# Two processes, each with its own half: workers that hand tests to each other would all collect all of them.
FAST := $(BIN)/pytest -q -n 0 --hypothesis-profile=fast -m "not server and not kafka and not slow"
LOCKED := --quiet --disable-pip-version-check --require-hashes --only-binary :all:

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-11s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

.PHONY: setup
setup: $(RUNTIME) ## Create .venv from the lock; fetch the servers and the browser that tests start
	@$(MAKE) -j 4 $(TOOLS) kafka-jars browser provider

# make hands on what its command line sets: make up PORT=8080 LOG=kafka
.PHONY: up
up: $(RUNTIME) ## Run everything on this machine (PORT, DATA, LOG, SAMPLE)
	@exec $(BIN)/ordertrail up

.PHONY: test
test: setup ## Run every test, three at a time; starts PostgreSQL and Kafka itself
	@$(BIN)/pytest -n 3 --dist loadscope

.PHONY: test-fast
test-fast: $(TOOLS) ## Run the tests of rules, log and views that need no server; the goal is ten seconds
	@$(MAKE) -j 2 --output-sync=target fast-rules fast-log

SEED ?= default
RANDOM_SEEDS := $(if $(filter default,$(SEED)),,--random-order-seed=$(SEED) --hypothesis-seed=$(SEED))
.PHONY: fast-rules fast-log
fast-rules:
	@$(FAST) $(RANDOM_SEEDS) tests/domain
fast-log:
	@$(FAST) $(RANDOM_SEEDS) tests/streams tests/projections

RUNS ?= 200
.PHONY: test-repeat
test-repeat: $(TOOLS) ## Run test-fast RUNS times (200), each with its own seed; stop at the first red run
	@for run in $$(seq $(RUNS)); do \
	  seed=$$((RANDOM * 32768 + RANDOM)); echo "run $$run of $(RUNS), seed $$seed"; \
	  output=$$($(MAKE) test-fast SEED=$$seed 2>&1) || { echo "$$output"; exit 1; }; \
	done

.PHONY: check
check: $(TOOLS) ## Format, lint, types, import contracts, sizes
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy --num-workers 2
	@$(BIN)/lint-imports
	@$(BIN)/pytest -q tests/architecture

.PHONY: fmt
fmt: $(TOOLS) ## Format and apply the safe fixes
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

.PHONY: schemas
schemas: $(TOOLS) ## Write the form of every event to docs/events, and golden records; refuses what could not read history
	@$(BIN)/python -m tests.domain.schemas
	@$(BIN)/python -m tests.streams.test_record

SCREENS ?= screens
.PHONY: screens
screens: setup ## Take a picture of every page: wide, phone, light, dark, both languages (SCREENS names the folder)
	@$(BIN)/python -m tests.browser.screens $(SCREENS)

# What is measured runs alone. Then the kills, and beside them, at a lower priority, the laws: they only need time.
HOT := tests/failure/test_a_hot_article_stops_nobody.py
.PHONY: soak soak-failures soak-laws
soak: setup ## Run the failure tests ten times each under load, and 20,000 histories for each law
	@$(BIN)/pytest -m soak -o timeout=0 $(HOT)
	@$(MAKE) -j 2 --output-sync=line soak-failures soak-laws
soak-failures:
	@$(BIN)/pytest -m soak -o timeout=0 --ignore=$(HOT) tests/failure
soak-laws:
	@nice $(BIN)/pytest -m soak -o timeout=0 -n 2 --dist worksteal -rP --ignore=tests/failure tests

SEEDS ?= 100
FIRST ?= 1
.PHONY: simulate
simulate: $(TOOLS) ## Run SEEDS (100) simulated worlds from seed FIRST (1); shorten and print each that fails
	@$(BIN)/python -m simulation --seeds $(SEEDS) --first $(FIRST) --jobs 2

# One module or function only: make mutate ONLY='domain.stock.*'
.PHONY: mutate
mutate: $(TOOLS) ## Change every rule of the domain in turn; show the changes that no test notices
	@$(BIN)/mutmut run $(if $(ONLY),'$(ONLY)')
	@for name in $$($(BIN)/mutmut results | awk -F': ' '/survived|no tests|timeout|suspicious/ {print $$1}'); do \
	  echo; echo "$$name"; $(BIN)/mutmut show "$$name"; done
	@$(BIN)/mutmut export-cicd-stats && cat mutants/mutmut-cicd-stats.json

.PHONY: bench
bench: setup ## Measure commands, whole orders, rebuild and verify; prints the machine beside the figures
	@$(BIN)/python -m benchmarks

.PHONY: lock
lock: ## Resolve the locks again from pyproject.toml
	@$(PYTHON) -m venv $(CACHE)/uv && $(CACHE)/uv/bin/pip install --quiet "uv>=0.9"
	@export UV_NO_CONFIG=1; compile="$(CACHE)/uv/bin/uv pip compile --quiet --universal --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-header --python-version 3.11 pyproject.toml --group build"; \
	$$compile -o requirements.lock && $$compile --group dev -c requirements.lock -o requirements-dev.lock

.PHONY: kafka-jars
kafka-jars: $(RUNTIME)
	@$(BIN)/python -m ordertrail.local.kafka $(CACHE)

.PHONY: browser
browser: $(TOOLS)
	@$(BIN)/python -m tests.browser.packages $(CACHE)

.PHONY: provider
provider: $(RUNTIME)
	@$(BIN)/python -m tests.provider.packages $(CACHE)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Ordertrail needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1 || true)." \
	    "Name another one: make setup PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "$(PYTHON) cannot create a virtual environment; on Debian and Ubuntu install python3-venv." >&2; exit 1; }

$(RUNTIME): requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing the locked packages into $(VENV) ..."
	@$(BIN)/pip install $(LOCKED) -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(TOOLS): requirements-dev.lock $(RUNTIME)
	@$(BIN)/pip install $(LOCKED) -r requirements-dev.lock
	@touch $@
