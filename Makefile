# Two commands on a fresh machine: `make run` and `make test`. Needs python3 (>= 3.11) with venv.
SHELL := /bin/bash
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
WITHIN := set -a; [ ! -f .env ] || . ./.env; set +a;

.PHONY: run test demo lint types bench soak lock model docs clean

$(VENV)/.run: requirements.lock pyproject.toml
	@scripts/environment "$(PYTHON)" "$(VENV)"
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml
	@scripts/environment "$(PYTHON)" "$(VENV)" requirements-dev.lock
	@touch $(VENV)/.run $@

run: $(VENV)/.run
	@$(WITHIN) exec $(BIN)/regwatch run

demo: $(VENV)/.run
	@$(BIN)/regwatch demo

test: $(VENV)/.dev lint types
	@scripts/test-wheel "$(PYTHON)" "$(VENV)"

lint: $(VENV)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports

types: $(VENV)/.dev
	@$(BIN)/mypy

bench: $(VENV)/.dev
	@$(BIN)/python benchmarks/polling.py
	@$(BIN)/python benchmarks/classifier.py
	@$(BIN)/python benchmarks/stories.py
	@$(BIN)/python benchmarks/alerts.py

soak: $(VENV)/.dev
	@$(BIN)/python benchmarks/soak.py

model: $(VENV)/.dev
	@$(BIN)/python scripts/build_model.py

docs: $(VENV)/.dev
	@$(BIN)/python scripts/build_docs.py
	@$(BIN)/python scripts/build_pictures.py
	@$(BIN)/python scripts/build_classifier_report.py

lock:
	@scripts/lock

clean:
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
