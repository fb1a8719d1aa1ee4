# Everything people use. `make help` lists it.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SPECS := $(patsubst ablations/specs/%.yaml,%,$(wildcard ablations/specs/*.yaml))

.PHONY: help setup ablation lectures report ui test test-all truths calibrate chaos check bench clean $(addprefix ablation-,$(SPECS))

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-18s %s\n", $$1, $$2}'
	@for spec in $(SPECS); do printf '  make %-18s the shipped ablation %s\n' "ablation-$$spec" "$$spec"; done

setup: $(READY) ## the virtual environment in .venv, with exact versions

$(READY): pyproject.toml constraints.txt
	@echo "Setting up $(VENV) (about 2 GB; a few minutes the first time) ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.12"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt torch
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@
	@echo "Set up."

ablation: ablation-remedies ## the main job: the shipped remedies ablation, then its table and report

$(addprefix ablation-,$(SPECS)): ablation-%: $(READY)
	@$(BIN)/ablate run $*

lectures: $(READY) ## all lectures, then the handbook of their claims, measured
	@$(BIN)/ablate lectures

report: $(READY) ## the remedies report again, from recorded runs alone
	@$(BIN)/ablate report remedies

ui: $(READY) ## the MLflow UI on 127.0.0.1
	@$(BIN)/ablate ui

test: $(READY) ## the tests (under 8 minutes on 2 cores)
	@$(BIN)/python -m pytest -q -m 'not slow' -n auto --dist worksteal

test-all: $(READY) ## the tests, the long ones too
	@$(BIN)/python -m pytest -q -n auto --dist worksteal

check: $(READY) ## style and types
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

truths: $(READY) ## facts that theory and the literature say must come out, measured on digits (5 minutes)
	@$(BIN)/python -m tests.truths

calibrate: $(READY) ## how often reports are right, on simulated studies whose truth is known (5 minutes)
	@$(BIN)/python -m tests.calibrate

chaos: $(READY) ## an ablation disturbed in every way there is; nothing may be lost or done twice (10 minutes)
	@$(BIN)/python -m tests.chaos

bench: $(READY) ## speed, as ratios measured side by side in one run
	@$(BIN)/python -m tests.bench

clean: ## remove caches; neither .venv nor output/
	@rm -rf build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +
