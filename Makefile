# Every target makes what it needs: on a fresh machine only Python 3.11+ and make have to be there.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
RUNTIME := .venv/.runtime-installed
DEV := .venv/.dev-installed
PEERS_PYTHON ?= python3
PEERS := benchmarks/peers/.venv/.installed

.DEFAULT_GOAL := help
.PHONY: help install demo quickstart test coverage test-unit mutants simulate crash failover restore-drill drills exhaustive test-browser test-pooler test-interop test-uat test-gateway check format lock sbom scorecard peers bench docs clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Shulk needs Python 3.11 or newer")'
	$(PYTHON) -m venv .venv

$(RUNTIME): requirements/runtime.txt pyproject.toml | .venv/bin/python
	$(PIP) install --require-hashes --requirement requirements/runtime.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV): requirements/dev.txt $(RUNTIME)
	$(PIP) install --require-hashes --requirement requirements/dev.txt
	@touch $@

install: $(DEV) ## Make .venv from the pinned locks (the other targets do it by themselves)

demo: $(RUNTIME) ## Serve the whole on http://127.0.0.1:8000 until Ctrl-C
	$(BIN)/shulk demo --announce demo.json

quickstart: $(RUNTIME) ## Beside the running demo: pay, be told by webhooks, refund (docs/quickstart.md)
	@test -f demo.json || { echo "There is no demo.json: leave make demo running in another terminal."; exit 1; }
	@sed -n '/^## Python$$/,/^## JavaScript$$/p' docs/quickstart.md | sed -n '/^```python$$/,/^```$$/p' | sed '/^```/d' | $(BIN)/python -

# When a worker of pytest has died, the others end their share and the test that it died in is named. A new worker
# in its place would be given nothing by the scheduling by file, and the session would wait for it for ever.
NO_RESTART := --max-worker-restart 0
SHARED := -n 4 --dist loadfile --no-loadscope-reorder $(NO_RESTART)

# What is compiled once is read by all the processes that the tests start.
test coverage exhaustive crash failover restore-drill drills mutants: export PYTHONDONTWRITEBYTECODE =
# The rules on our own sources (tests/architecture) run in `make check`.
test: $(DEV) ## Prove it: unit tests with full coverage, then everything on real parts
	$(BIN)/coverage erase
	COVERAGE_CONCURRENCY=thread $(BIN)/pytest tests/unit -n 2 $(NO_RESTART) -p no:schemathesis --cov=src/domain --cov=src/application --cov-report= --no-cov-on-fail
	$(BIN)/coverage report --include='src/domain/*,src/application/*' --fail-under=100 --skip-covered
	$(BIN)/pytest tests -p no:schemathesis --ignore=tests/unit --ignore=tests/architecture --ignore=tests/browser --ignore=tests/interop --ignore=tests/pooler --ignore=tests/exhaustive --ignore=tests/scorecard/test_scenarios.py -m "not thorough" $(SHARED)

# To trace the lines doubles the time of the tests that wait for nobody, so `make test` leaves it out.
TRACED := --cov=src/adapters --cov=src/entrypoints --cov-report=
REACHED := --include='src/adapters/*,src/entrypoints/*' --fail-under=85 --skip-covered --sort=cover
coverage: $(DEV) ## What the tests on real parts reach of adapters and entrypoints
	$(BIN)/coverage erase
	$(BIN)/pytest tests/contracts tests/adapters tests/http tests/jobs tests/simulator tests/cli -m "not no_cover and not thorough" -p no:schemathesis $(SHARED) $(TRACED)
	$(BIN)/coverage report $(REACHED)

test-unit: $(DEV) ## Only the pure tests, in seconds
	$(BIN)/pytest tests/unit

mutants: $(DEV) ## Take out each safeguard in a copy of the tree, and see its tests fail (ARGS=word: some)
	PYTHONPATH=tests $(BIN)/python -m mutation $(ARGS)

test-browser: $(DEV) ## The pages in Debian's chromium
	$(BIN)/pytest tests/browser -n 2 --dist loadfile $(NO_RESTART)

test-uat: $(DEV) ## The gateway contract on a real UAT account, as far as nobody has to pay (UAT_... variables)
	$(BIN)/python -m pytest --noconftest tests/contracts/payments/uat_gateway.py

test-gateway: $(DEV) ## The gateway contract on an adapter of your own: GATEWAY=package.module:open_gateway
	$(BIN)/shulk gateway check $(GATEWAY)

test-pooler: $(DEV) ## Everything behind Debian's pgbouncer in transaction mode (apt-get install pgbouncer)
	$(BIN)/pytest tests/pooler

test-interop: $(DEV) ## An unmodified third-party client (npm) against the simulator
	$(BIN)/pytest tests/interop

crash: $(DEV) ## Kill every part 50 times under a running load, and look for what was lost
	cd tests && PYTHONPATH=../src:. ../$(BIN)/python -m crashes --cycles $(CYCLES)

CYCLES = 50

failover: $(DEV) ## Kill the primary PostgreSQL under load, promote its standby, look for what was lost (TIMES=20)
	cd tests && PYTHONPATH=../src:. ../$(BIN)/python -m drills failover --times $(TIMES)

TIMES = 20

restore-drill: $(DEV) ## Destroy a database in use, restore it to the instant before, verify invariants and audit
	cd tests && PYTHONPATH=../src:. ../$(BIN)/python -m drills restore

drills: $(DEV) ## What breaks around the service, by name, with recovery times (DRILLS="cache disk-full": some)
	cd tests && for name in $(DRILLS); do PYTHONPATH=../src:. ../$(BIN)/python -m drills $$name || exit 1; done

DRILLS = cache disk-full postgres-full clock release-before certificate pooler slow-clients

simulate: $(DEV) ## Live through seeds on virtual time: SEEDS=5000 START=1, or one with its story: SEED=7
	PYTHONPATH=src:tests $(BIN)/python -m simulation $(if $(SEED),$(SEED),--seeds $(SEEDS) --start $(START))

SEEDS = 5000
START = 1

check: $(DEV) ## Format, lint, types, import contracts, docs in step
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest tests/architecture -q

format: $(DEV) ## Put the code in its usual form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

scorecard: $(DEV) ## Any evidence, in any order: play every scenario and write docs/scorecard.md
	PYTHONPATH=src:tests $(BIN)/python -m scorecard

peers: $(DEV) $(PEERS) ## The scorecard's questions put to other libraries (PEERS_PYTHON, 3.12 or newer)
	PYTHONPATH=src $(BIN)/python -m benchmarks.peers

$(PEERS): benchmarks/peers/requirements.txt
	$(PEERS_PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 12) and "The peers need Python 3.12: make peers PEERS_PYTHON=python3.12")'
	$(PEERS_PYTHON) -m venv --clear benchmarks/peers/.venv
	benchmarks/peers/.venv/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes --requirement benchmarks/peers/requirements.txt
	@touch $@

exhaustive: $(DEV) ## Every amount taken apart, the interface fuzzed, each race and each crash in full
	$(BIN)/pytest tests/exhaustive --ignore=tests/exhaustive/test_slow_clients.py -n 2 $(NO_RESTART) -q
	$(BIN)/pytest tests/exhaustive/test_slow_clients.py -q
	$(BIN)/pytest tests/adapters tests/fault_injection tests/races tests/cli $(SHARED) -q -p no:schemathesis -m thorough
	$(BIN)/pytest tests/scorecard/test_scenarios.py tests/fault_injection -n 4 --dist worksteal $(NO_RESTART) -q -k "ends_wrong or crash_before or error" --all-tries

bench: $(DEV) ## Ratios, measured side by side in one run
	PYTHONPATH=src:tests $(BIN)/python -m benchmarks

docs: $(DEV) ## Write the generated pages (states, problems, settings, safeguards, ...)
	$(BIN)/shulk docs write
	PYTHONPATH=tests $(BIN)/python -m mutation --page

lock: $(DEV) ## Resolve the pinned locks anew for every supported Python and platform
	$(BIN)/uv pip compile $(LOCK) --extra embedded --extra tracing --group build pyproject.toml -o requirements/runtime.txt
	$(BIN)/uv pip compile $(LOCK) --extra embedded --extra tracing --group dev pyproject.toml -o requirements/dev.txt
	$(BIN)/uv pip compile $(subst 3.11,3.12,$(LOCK)) benchmarks/peers/requirements.in -o benchmarks/peers/requirements.txt

LOCK = --quiet --universal --no-strip-extras --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links

sbom: $(DEV) ## Write the software bill of materials of the runtime lock, CycloneDX 1.6, to dist/
	PYTHONPATH=tests $(BIN)/python -m sbom dist/shulk.cdx.json

clean: ## Remove everything that was made here
	rm -rf .venv benchmarks/peers/.venv .mypy_cache .ruff_cache .pytest_cache .coverage build dist demo.json
