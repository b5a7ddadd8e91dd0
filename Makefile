# Every target makes what it needs: a virtual environment of its own in .venv, with compiled bytecode.
# Python without bytecode starts two to four times slower, so this must not be inherited.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= $(shell for p in python3.14 python3.13 python3.12 python3.11 python3.10 python3; do command -v $$p >/dev/null && $$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
SESSION_KILLS ?= 100
FRAMES ?= 2000

.PHONY: help demo run test check format snapshots prove bench bench-terminal bench-load services clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.venv/runtime: pyproject.toml
	@test -n "$(PYTHON)" || { echo "make: perftui needs Python 3.10 or newer with the module venv (Debian: apt-get install python3-venv)" >&2; exit 1; }
	@rm -rf .venv
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	$(BIN)/python -m compileall -q $$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))') perftui || true
	@touch $@

.venv/dev: .venv/runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group dev
	$(BIN)/python -m compileall -q $$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))') || true
	@touch $@

# a rival that Debian has in an older version only, apart from what we need ourselves
.venv/rivals/bin/glances: .venv/dev
	$(BIN)/python -m venv .venv/rivals
	-.venv/rivals/bin/python -m pip install --quiet --disable-pip-version-check glances

# clients that the load engine is measured beside
.venv/rivals/bin/locust: .venv/rivals/bin/glances
	-.venv/rivals/bin/python -m pip install --quiet --disable-pip-version-check locust aiohttp httpx

demo: .venv/runtime ## open the console on a real workload with a real fault
	@$(BIN)/perftui demo

run: .venv/runtime ## open the console on this machine
	@$(BIN)/perftui

test: .venv/dev ## run the tests, four files at a time: most of their time they wait for real servers and terminals
	$(BIN)/python -m pytest -n 4 --dist loadfile

check: .venv/dev ## format, lint, types and contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/dev ## format and sort imports
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

snapshots: .venv/dev ## take the pictures of all screens anew, after a change that should be seen; then look at them
	$(BIN)/python -m tests.tui.snapshots

prove: .venv/dev .venv/rivals/bin/glances .venv/rivals/bin/locust ## the tests with full counts, and all figures; results in prove/
	@mkdir -p prove
	PERFTUI_PROVE_KILLS=$(SESSION_KILLS) PERFTUI_PROVE_FRAMES=$(FRAMES) $(BIN)/python -m pytest --junit-xml=prove/tests.xml
	$(BIN)/python -m benchmarks.table | tee prove/table.txt
	$(BIN)/python -m benchmarks.terminal | tee prove/terminal.txt
	$(BIN)/python -m benchmarks.load | tee prove/load.txt
	$(BIN)/python -m benchmarks.alerts | tee prove/alerts.txt
	$(BIN)/python -m benchmarks.prometheus_cost | tee prove/prometheus_cost.txt
	$(BIN)/python -m benchmarks.scrape | tee prove/scrape.txt
	$(BIN)/python -m benchmarks.alertmanager | tee prove/alertmanager.txt
	$(BIN)/python -m benchmarks.events | tee prove/events.txt
	$(BIN)/python -m benchmarks.work | tee prove/work.txt
	$(BIN)/python -m benchmarks.demo_gains | tee prove/demo_gains.txt
	$(BIN)/python -m benchmarks.events --gib 1 | tee prove/events_gib.txt

bench-terminal: .venv/dev .venv/rivals/bin/glances ## what the console costs beside its rivals, in one interleaved run
	$(BIN)/python -m benchmarks.terminal

bench-load: .venv/dev .venv/rivals/bin/locust ## what the load engine measures and costs, beside wrk, ab, hey, Locust, aiohttp and httpx
	$(BIN)/python -m benchmarks.load

bench: bench-terminal bench-load ## all figures that we publish
	$(BIN)/python -m benchmarks.table
	$(BIN)/python -m benchmarks.alerts
	$(BIN)/python -m benchmarks.prometheus_cost
	$(BIN)/python -m benchmarks.scrape
	$(BIN)/python -m benchmarks.alertmanager
	$(BIN)/python -m benchmarks.events
	$(BIN)/python -m benchmarks.work

services: .venv/dev ## install and check the real services that tests talk to
	$(BIN)/python -m tests.services install
	$(BIN)/python -m tests.services check

clean: ## remove what the targets made
	rm -rf .venv prove dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
