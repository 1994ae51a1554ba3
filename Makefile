# Versorgungslabor: each target makes what it needs first.
#   PYTHON=python3.12 make test    takes another interpreter
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# The first Python that fits requires-python; an answer of its own beats the search.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 python3; do \
	"$$p" -c 'import sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))' 2>/dev/null && echo "$$p" && break; done)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# JupyterLab asks root (in a container, say) to be told twice.
AS_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)
# Charts are drawn without a screen, and every run hashes alike.
export MPLBACKEND ?= agg
export PYTHONHASHSEED ?= 0
# uv trusts the certificates of the machine, so that set-up works behind an inspecting proxy.
export UV_SYSTEM_CERTS ?= true

.PHONY: help reports test quick lab docs release audit mutation bench lint format lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): requirements.lock
	@if [ -z "$(PYTHON)" ]; then \
		echo "No Python between 3.11 and 3.14 (with the venv module) was found." >&2; \
		echo "Install one, e.g. 'apt-get install python3 python3-venv' or 'brew install python@3.12'," >&2; \
		echo "or name it: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)" >&2; exit 1; fi
	rm -rf $(VENV)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r <(sed -n '/^uv==/,/^ *# via/p' requirements.lock)
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	touch $@

reports: $(READY) ## Raw figures to reports/index.html (only what changed)
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/dvc repro

test: $(READY) ## Prove it: unit, convention, notebook and end-to-end tests
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/dvc repro --quiet model
	$(BIN)/python -m pytest

quick: $(READY) ## The tests without those that run whole stages and programs
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/dvc repro --quiet model
	$(BIN)/python -m pytest -m "not whole"

lab: $(READY) ## Open the notebooks in JupyterLab
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/dvc repro --quiet model
	$(BIN)/python -c 'from pipeline.execution.launcher import write_cards; write_cards()'
	JUPYTER_APP_LAUNCHER_PATH="$(CURDIR)/build/lab" PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/jupyter lab $(AS_ROOT) --LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate --LabApp.extension_manager=readonly --notebook-dir=. notebooks/start.ipynb

docs: $(READY) ## Build the documentation with search (build/docs/index.html)
	$(BIN)/sphinx-build -q -W --keep-going -d build/docs/.doctrees docs build/docs

release: $(READY) ## The whole edition as one archive (build/release)
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/dvc repro
	$(BIN)/versorgungslabor render --pdf --standalone --lang en
	$(BIN)/versorgungslabor health-report wolfsburg
	$(BIN)/versorgungslabor release

audit: $(READY) ## Secrets, permissions, known flaws of packages, bill of materials
	mkdir -p build && $(BIN)/versorgungslabor audit --sbom build/sbom.cdx.json

mutation: $(READY) ## Give formulas small faults and see whether tests notice
	$(BIN)/python -m benchmarks.mutation $(if $(N),--sample $(N)) $(M)

bench: $(READY) ## Measure speed and memory as ratios (benchmarks/)
	$(BIN)/python -m benchmarks $(if $(N),N=$(N))

lint: $(READY) ## Style, types, import contract
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY) ## Let ruff mend style
	$(BIN)/ruff check --fix . && $(BIN)/ruff format .

lock: $(READY) ## Renew requirements.lock from pyproject.toml
	$(BIN)/uv pip compile pyproject.toml --all-extras --universal --fork-strategy fewest --generate-hashes --no-header --upgrade --quiet -o requirements.lock

clean: ## Remove everything that can be made again
	rm -rf build reports data/processed data/derived .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
