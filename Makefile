PYTHON ?= .venv/bin/python

.PHONY: all env test fuzz format lint types contracts docs docs-check build acceptance bench clean
all: lint types contracts test docs-check

env:
	python3 -m venv .venv && .venv/bin/pip install --quiet --editable '.[dev]'

test:
	$(PYTHON) -m pytest -n auto --dist loadgroup

fuzz: ## differential tests for hours: PORTSIDE_FUZZ is the factor, a new seed each round
	while PORTSIDE_FUZZ=$${PORTSIDE_FUZZ:-50} PORTSIDE_SEED=$$RANDOM $(PYTHON) -m pytest -q -m needs_oracle; do :; done

format:
	$(PYTHON) -m ruff check --fix && $(PYTHON) -m ruff format

lint:
	$(PYTHON) -m ruff check && $(PYTHON) -m ruff format --check

types:
	$(PYTHON) -m mypy

contracts:
	.venv/bin/lint-imports

docs:
	$(PYTHON) -m tools.docs

docs-check:
	$(PYTHON) -m tools.docs --check

build:
	$(PYTHON) -m build --quiet

acceptance: build
	.ci/acceptance dist/*.whl

bench:
	$(PYTHON) -m benchmarks.run

clean:
	rm -rf build dist .venv src/portside/rules/generated
