# Two commands on a fresh machine: `make run` and `make test`. Needs python3 (>= 3.11) with venv.
SHELL := /bin/bash
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
WITHIN := set -a; [ ! -f .env ] || . ./.env; set +a;

.PHONY: run check test demo lint types bench scale soak fuzz image-test boot-test sbom audit lock model docs clean

$(VENV)/.run: requirements.lock pyproject.toml
	@scripts/environment "$(PYTHON)" "$(VENV)"
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml
	@scripts/environment "$(PYTHON)" "$(VENV)" requirements-dev.lock
	@touch $(VENV)/.run $@

run: $(VENV)/.run
	@$(WITHIN) exec $(BIN)/regwatch run

check: $(VENV)/.run
	@$(WITHIN) exec $(BIN)/regwatch check --online

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
	@$(BIN)/python -m benchmarks.polling
	@$(BIN)/python -m benchmarks.classifier
	@$(BIN)/python -m benchmarks.stories
	@$(BIN)/python -m benchmarks.alerts
	@$(BIN)/python -m benchmarks.archive
	@$(BIN)/python -m benchmarks.scale 4000

soak: $(VENV)/.dev
	@$(BIN)/python -m benchmarks.soak

scale: $(VENV)/.dev
	@$(BIN)/python -m benchmarks.scale

# seconds for each target; with atheris where it is installed
FUZZ_SECONDS ?= 300
fuzz: $(VENV)/.dev
	@$(BIN)/python tests/fuzz/run.py $(FUZZ_SECONDS)

# BASE=docker-archive:FILE builds on an image of your own
image-test:
	@scripts/test-image $(BASE)

# TREE=FOLDER boots a copy of a Debian of your own; needs root
boot-test:
	@scripts/test-boot $(TREE)

sbom: $(VENV)/.dev
	@mkdir -p dist
	@$(BIN)/python -W ignore -m cyclonedx_py requirements requirements.lock --pyproject pyproject.toml --output-reproducible --of JSON -o dist/regwatch.cdx.json
	@echo "dist/regwatch.cdx.json"

# the lock by itself; then known weaknesses, where pip-audit and its database can be reached
audit: $(VENV)/.dev
	@$(BIN)/python -m pytest -q tests/unit/test_supply.py
	@if command -v pip-audit >/dev/null; then pip-audit --strict --disable-pip --require-hashes -r requirements.lock; \
	 else echo "SKIPPED: pip-audit is not installed; the lock was NOT compared with any advisory database" >&2; fi

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
