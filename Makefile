# On a fresh machine: `make run` (or `make demo`, for an audience) and `make test`. They install what they need, as
# pinned in the locks.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS := $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
LOCKS := requirements-build.lock requirements.lock

# Let Python cache compiled files: the tests start hundreds of processes.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run demo pictures gallery check style types test test-all suite suite-all test-newest test-lowest tools lint lock crash docs dist bench clean

run: $(VENV)/installed
	@$(BIN)/emulator $(ARGS)

demo: $(VENV)/installed
	@$(BIN)/emulator serve --demo $(ARGS)

check: style types

style: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/installed-dev
	$(BIN)/mypy

# The suite begins while mypy looks: that is busy for long, on one processor.
test test-all: style tools
	@$(MAKE) --no-print-directory --jobs=2 types $(@:test%=suite%)

suite suite-all: $(VENV)/installed-dev
	$(BIN)/pytest --numprocesses $(WORKERS) --dist worksteal $(if $(filter suite-all,$@),--all) $(ARGS)

# The suite on the newest or the lowest versions that pyproject.toml allows, each in an environment of its own.
test-newest: RESOLUTION := highest
test-lowest: RESOLUTION := lowest-direct
test-newest test-lowest: test-%: $(VENV)/installed-dev $(VENV)-%/bin/python tools
	$(BIN)/uv pip install --python $(VENV)-$*/bin/python --upgrade --resolution $(RESOLUTION) --editable '.[dev]'
	$(VENV)-$*/bin/python -m pytest $(ARGS)

tools:
	@scripts/install_tools.sh

lint: $(VENV)/installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/mypy

# The pictures in README.md and docs/console.md.
pictures: $(VENV)/installed-dev tools
	$(BIN)/python scripts/shoot_docs.py

# Pictures of every page in every state, to look at.
gallery: $(VENV)/installed-dev tools
	$(BIN)/python scripts/shoot_gallery.py console build/pictures/console
	$(BIN)/python scripts/shoot_gallery.py pages build/pictures/pages

# The newest versions that pyproject.toml allows, the same in all three files, for every system and Python from 3.11 on;
# and the newest that the package.json files of the Node client allow.
COMPILE := $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate \
  --custom-compile-command 'make lock'

lock: $(VENV)/installed-dev
	$(COMPILE) --extra dev --output-file requirements-dev.lock pyproject.toml
	$(COMPILE) --constraint requirements-dev.lock --output-file requirements.lock pyproject.toml
	$(COMPILE) --constraint requirements-dev.lock --output-file requirements-build.lock --group build
	for each in clients/node clients/node/test/jest clients/node/test/express; do npm --prefix $$each update --package-lock-only --ignore-scripts; done

# Kills the emulator under load, 100 times with a file, one of two 50 times, and Redis 10 times, and checks that nothing
# is lost.
crash: $(VENV)/installed-dev tools
	$(BIN)/pytest tests/stores/test_crashes.py --kills 100 -rP $(ARGS)

# The documentation as a site, in site/, which loads nothing from elsewhere.
docs: $(VENV)/installed-dev
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

# What a release publishes: wheels and source distributions of both Python packages, and the npm package.
dist: $(VENV)/installed-dev
	for each in . clients/python; do \
	  $(BIN)/uv build --quiet --no-build-isolation --python $(BIN)/python --out-dir dist/python $$each || exit; done
	npm --prefix clients/node ci --ignore-scripts
	mkdir -p dist/npm
	cd clients/node && npm pack --pack-destination ../../dist/npm

bench: $(VENV)/installed-dev
	$(BIN)/python -m bench $(ARGS)

$(VENV)/bin/python $(VENV)-newest/bin/python $(VENV)-lowest/bin/python:
	@$(PYTHON) scripts/make_venv.py $(@:/bin/python=)

$(VENV)/installed: pyproject.toml scripts/install.py $(LOCKS) $(VENV)/bin/python
	@$(BIN)/python scripts/install.py $(VENV) $(LOCKS)
	@touch $@

$(VENV)/installed-dev: pyproject.toml scripts/install.py requirements-dev.lock $(VENV)/bin/python
	@$(BIN)/python scripts/install.py $(VENV) requirements-dev.lock
	@touch $@ $(VENV)/installed

clean:
	rm -rf clients/node/node_modules clients/node/dist $(VENV) $(VENV)-newest $(VENV)-lowest build dist site .mypy_cache .ruff_cache .pytest_cache .hypothesis
