# Everything a newcomer needs. `make` lists the targets.
PYTHON ?= python3
PORT ?= 8765
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore
export PIP_QUIET := 2

.DEFAULT_GOAL := help
.PHONY: help run test check format lint types contracts smoke faults clients soak bench lock clean

help: ## List the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

run: $(VENV)/.run ## Show the service at work with sample notices; Ctrl-C ends it (PORT=8765)
	@$(BIN)/duban demo --port $(PORT)

test: $(VENV)/.dev ## Run the tests
	@$(BIN)/python -m pytest -n auto

check: format lint types contracts test smoke faults clients ## Everything a change must pass

format: $(VENV)/.dev ## Check the formatting
	@$(BIN)/ruff format --check .

lint: $(VENV)/.dev ## Check the style rules
	@$(BIN)/ruff check .

types: $(VENV)/.dev ## Check the types (mypy strict)
	@$(BIN)/mypy

contracts: $(VENV)/.dev ## Check which folder may import which
	@$(BIN)/lint-imports

smoke: $(VENV)/.dev ## Build the wheel, install it into a fresh environment, use it
	@$(BIN)/python -m tests.wheel_smoke

faults: $(VENV)/.dev ## Break what a running daemon stands on: its database, its disk, its clock, its ticker
	@$(BIN)/python -m pytest -n 4 -m 'faults and not soak'

clients: $(VENV)/.clients ## Read feeds with real calendar programs and parsers of other languages
	@$(BIN)/python -m pytest -m clients

soak: $(VENV)/.dev ## The long runs: full fuzz, kill and simulation figures
	@$(BIN)/python -m pytest -m soak -s

bench: $(VENV)/.bench ## Speed, as ratios to a peer or a lower bound in the same run
	@$(BIN)/python -m bench

COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command "make lock" pyproject.toml

lock: $(VENV)/.dev ## Renew the exact versions in requirements/
	@$(BIN)/python -m pip install uv
	@$(COMPILE) --extra demo --extra postgres --group dev -o requirements/dev.txt
	@$(COMPILE) --extra demo --extra postgres -c requirements/dev.txt -o requirements/run.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--custom-compile-command "make lock" -c requirements/dev.txt --group pyproject.toml:build -o requirements/build.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--custom-compile-command "make lock" -c requirements/dev.txt requirements/bench.in -o requirements/bench.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--custom-compile-command "make lock" requirements/clients.in -o requirements/clients.txt

$(VENV)/.bench: requirements/bench.txt | $(VENV)/.dev
	@$(BIN)/python -m pip install --require-hashes -r requirements/bench.txt
	@touch $@

$(VENV)/.clients: requirements/clients.txt | $(VENV)/.dev
	@$(BIN)/python -m venv $(VENV)/clients
	@$(VENV)/clients/bin/python -m pip install --require-hashes -r requirements/clients.txt
	@! command -v npm >/dev/null || npm install --silent --no-audit --no-fund --no-package-lock --prefix $(VENV)/clients ical.js@2.2.1
	@touch $@

clean: ## Remove what the other targets built
	@rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "duban needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 ..." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
		|| { rm -rf $(VENV); echo "This Python cannot make environments; on Debian: apt-get install python3-venv" >&2; exit 1; }

$(VENV)/.run: requirements/run.txt pyproject.toml | $(BIN)/python
	@test -e $(VENV)/.dev || { echo "Installing (once)..."; $(BIN)/python -m pip install --require-hashes -r requirements/run.txt; }
	@$(BIN)/python -m pip install --require-hashes -r requirements/build.txt
	@$(BIN)/python -m pip install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt pyproject.toml | $(BIN)/python
	@echo "Installing (once)..."
	@$(BIN)/python -m pip install --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install --no-deps --no-build-isolation --editable .
	@touch $@
