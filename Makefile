# make install   everything into .venv, the engine compiled where a C compiler is
# make run       start the venue                      (PORT=8080 DATA=./data ARGUMENTS=)
# make test      format, lint, types, floors, tests   (TESTS= to choose, as for pytest)
# make bench     what a command costs                 (ARGUMENTS='journal --json')
# make histories 200 random histories of 500 commands: compiled = uncompiled = model, every refusal met (ARGUMENTS=)
# make nightly   slow tests (10,000 seeds of the simulator among them), the histories, sources uncompiled under
#                coverage, engine under the undefined-behaviour sanitizer
# make lock      write requirements.lock anew         make clean   remove what was built

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := install
.PHONY: install build run test bench histories lint nightly lock clean

PYTHON ?= python3
PORT ?= 8080
DATA ?= ./data
ARGUMENTS ?=
TESTS ?=
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed
BUILT := $(VENV)/built
SOURCES := setup.py $(wildcard tools/*.py $(addprefix src/outcry/,protocol/*.py rules/*.py engine/*.py app/bench/*.py))

install: $(BUILT)

$(INSTALLED): requirements.lock pyproject.toml tools/install.sh
	@PYTHON="$(PYTHON)" bash tools/install.sh $(VENV)
	@touch $@

$(BUILT): $(INSTALLED) $(SOURCES)
	@$(BIN)/python setup.py -q build_ext --inplace
	@touch $@

build: $(BUILT)

run: install
	@exec $(BIN)/outcry up --port $(PORT) --data $(DATA) $(ARGUMENTS)

bench: install
	@$(BIN)/outcry bench $(or $(ARGUMENTS),engine)

histories: install
	@$(BIN)/python -m tests.laws.histories $(ARGUMENTS)

lint: install
	@$(BIN)/ruff format --check
	@$(BIN)/ruff check
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python tools/narrow.py

test: lint
	@$(BIN)/python -m pytest -m "not slow" $(TESTS)

nightly: lint
	@$(BIN)/python -m pytest
	@$(BIN)/python -m tests.laws.histories
	@OUTCRY_COMPILED=0 $(BIN)/coverage run -m pytest -m "not slow and not venue"
	@$(BIN)/coverage report --skip-covered
	@OUTCRY_SANITIZE=1 $(BIN)/python setup.py -q build_ext --inplace --force
	@OUTCRY_SANITIZE=1 $(BIN)/python -m pytest tests/rules tests/engine tests/laws; code=$$?; \
		$(BIN)/python setup.py -q build_ext --inplace --force; exit $$code

lock:
	@bash tools/lock.sh

clean:
	@rm -rf $(VENV) build dist src/*.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	@find src -name '*.so' -o -name '*.pxd' | xargs -r rm --
