# Huzheng BPM: one word per wish. `make` lists them. Each wish does its own set-up, once.
#
# Needed: Python 3.11 or newer, make, bash and a package index. Node is taken from the system if it
# is 20 or newer, else from a Python package. The environment is .venv; databases are in var/.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PORT ?= 8080
PYTEST_ARGS ?= -n 2 --dist loadfile --no-loadscope-reorder

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
DONE := .venv/.done
BUNDLES := web/static/dist/manifest.json
BUNDLE_SOURCES := $(wildcard web/ui/*.json web/ui/*.mjs web/ui/*.py web/ui/src/*)
STEPS = 4

.PHONY: help run worker test lint db demo bench screenshots conformance sizes lock clean

help: ## list the wishes
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 13

run: STEPS = 5
run: $(DONE)/huzheng $(BUNDLES) ## serve the demo office on http://127.0.0.1:8080 (PORT=… for another)
	@echo "[5/$(STEPS)] demo office on http://127.0.0.1:$(PORT) (Ctrl+C ends it)"
	@$(BIN)/huzheng serve --demo --port $(PORT)

worker: $(DONE)/huzheng ## run a worker beside web nodes (timers, deadlines, agencies)
	@$(BIN)/huzheng worker

test: STEPS = 7
test: $(DONE)/huzheng $(DONE)/developer $(BUNDLES) ## run all tests (PYTEST_ARGS=… for pytest)
	@echo "[6/$(STEPS)] Chromium for the browser tests"
	@.ci/install-chromium
	@echo "[7/$(STEPS)] tests"
	@$(BIN)/pytest $(PYTEST_ARGS)

lint: STEPS = 6
lint: $(DONE)/huzheng $(DONE)/developer ## format, lint, types, import contract, processes, sizes
	@echo "[6/$(STEPS)] static checks"
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/huzheng process lint bpmn
	$(BIN)/python .ci/sizes.py

db: $(DONE)/huzheng ## bring the database (DATABASE_URL) to the newest schema
	@$(BIN)/huzheng db upgrade

demo: $(DONE)/huzheng ## fill the database with the fictional demo office
	@$(BIN)/huzheng demo seed

bench: $(DONE)/huzheng $(DONE)/developer ## measure the engine
	@$(BIN)/huzheng bench

screenshots: $(DONE)/huzheng $(DONE)/developer $(BUNDLES) ## make the pictures of README and docs/guide anew
	@.ci/install-chromium
	@$(BIN)/python .ci/screenshots.py

conformance: $(DONE)/huzheng $(DONE)/developer ## write docs/conformance.md anew from a run of its tests
	@$(BIN)/python .ci/conformance.py

sizes: $(DONE)/python ## print the sizes of functions and files against their budgets
	@$(BIN)/python .ci/sizes.py

lock: $(DONE)/python ## write the lock files anew from pyproject.toml (needs uv)
	@.ci/lock

clean: ## remove what the other wishes built; var/ with its databases stays
	rm -rf .venv dist build web/static/dist web/ui/node_modules
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Set-up, step by step. A stamp in .venv/.done says that a step is done; it is older than its
# sources when they change, and gone when .venv is.

$(DONE)/python: .ci/make-venv
	@echo "[1/$(STEPS)] Python environment in .venv"
	@.ci/make-venv
	@mkdir -p $(DONE) && touch $@

$(DONE)/packages: requirements.lock requirements-build.lock | $(DONE)/python
	@echo "[2/$(STEPS)] packages of requirements.lock, by their hashes"
	@$(PIP) --require-hashes -r requirements-build.lock
	@$(PIP) --require-hashes -r requirements.lock
	@touch $@

$(BUNDLES): $(BUNDLE_SOURCES) | $(DONE)/packages
	@echo "[3/$(STEPS)] browser parts"
	@if [ -n "$$($(BIN)/python web/ui/frontend.py requirement)" ]; then \
	    echo "      no Node of 20 or newer here, so it comes from a Python package (61 MB)"; \
	    $(PIP) --require-hashes -r requirements-node.lock; \
	fi
	@$(BIN)/python web/ui/frontend.py build
	@if [ -e $@ ]; then touch $@; fi

# The bundles have their own step above, so the build hook need not look at them here.
$(DONE)/huzheng: pyproject.toml $(DONE)/packages | $(BUNDLES)
	@echo "[4/$(STEPS)] huzheng itself"
	@HUZHENG_UI_SKIP=1 $(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(DONE)/developer: requirements-dev.lock | $(DONE)/huzheng
	@echo "[5/$(STEPS)] developer packages of requirements-dev.lock, by their hashes"
	@$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@
