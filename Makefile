# make run    data in, a model trained and gated, a service up, a priority list in the browser
# make test   lint, types, import contracts, tests, notebooks, docs
# Both need only Python 3.11+, pip and make; both build .venv themselves and are safe to repeat.

PYTHON ?= python3
PLACEMENTS ?= 60000
SEED ?= 7
# simulated data end with last month: a list drawn today finds placements as fresh as an office's own
UNTIL ?= $(shell date -u +%Y-%m-01)
APPROVER ?= demo-approver
export OMP_NUM_THREADS = 1
export MLFLOW_DISABLE_TELEMETRY = true
export PIP_DISABLE_PIP_VERSION_CHECK = 1
BIN = .venv/bin
DATA = var/data
OFFICE = BP3MI-NTT
LOGINS = var/demo-logins.txt

.PHONY: setup run test lint bench lock demo notebooks screenshots clean

setup: .venv/run.stamp

.venv/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "$(PYTHON) is Python %d.%d; this project needs 3.11 or newer. Install it, or name one: make PYTHON=python3.12 …" % sys.version_info[:2])'
	@echo "Building .venv (once)"
	@$(PYTHON) -m venv .venv

.venv/run.stamp: requirements/run.txt pyproject.toml | .venv/bin/pip
	@echo "Installing the locked packages (about two minutes the first time)"
	@$(BIN)/pip install --quiet --require-hashes -r requirements/run.txt
	@$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev.stamp: requirements/dev.txt .venv/run.stamp
	@echo "Installing the packages that tests need"
	@$(BIN)/pip install --quiet --require-hashes -r requirements/dev.txt
	@touch $@

# -- the main job ------------------------------------------------------------------------------

run: setup demo
	@cat $(LOGINS)
	@$(BIN)/risk-service serve

demo: var/service.stamp $(LOGINS)

$(DATA)/truth.parquet: | setup
	@$(BIN)/risk-model simulate --out $(DATA) --placements $(PLACEMENTS) --seed $(SEED) --until $(UNTIL) --world hidden --reporting rich --export var/exports

var/ingested/summary.json: $(DATA)/truth.parquet
	@$(BIN)/risk-model ingest var/exports/*siskop2mi*.xlsx --mapping siskop2mi --out var/ingested

var/model.stamp: var/ingested/summary.json
	@$(BIN)/risk-model train --data $(DATA)
	@$(BIN)/risk-model promote --data $(DATA) --approver $(APPROVER)
	@$(BIN)/risk-model drift --data $(DATA) > var/drift.txt
	@touch $@

var/service.stamp: var/model.stamp
	@$(BIN)/risk-service import --data $(DATA) --first-list $(OFFICE)
	@touch $@

# made once, for simulated data alone; the passwords stand in the file, which its owner alone can read
$(LOGINS): | var/service.stamp
	@$(BIN)/risk-service create-demo-users --office $(OFFICE) --out $@

# -- proof -------------------------------------------------------------------------------------

test: .venv/dev.stamp lint
	@$(BIN)/pytest -n 2 --dist loadfile

lint: .venv/dev.stamp
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/deptry .

bench: .venv/dev.stamp
	@$(BIN)/python -m benchmarks.run

# -- upkeep ------------------------------------------------------------------------------------

COMPILE = uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-annotate --quiet

lock:
	@$(COMPILE) --all-extras -o requirements/dev.txt
	@$(COMPILE) --extra train --extra service --extra build -c requirements/dev.txt -o requirements/run.txt

clean:
	@rm -rf var models/champion

notebooks: .venv/dev.stamp
	@$(BIN)/jupytext --quiet --to ipynb --update notebooks/*.py

# every page at two widths in both schemes into var/screenshots, and the README's two small ones
screenshots: .venv/dev.stamp
	@$(BIN)/python -m benchmarks.screenshots --images docs/images
