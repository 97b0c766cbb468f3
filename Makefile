# The two commands are `make demo` and `make test`; `make help` lists the rest. Needs git and make, as root on a fresh
# machine (tests/tools/setup.sh installs what is missing); later as anybody, but for the real Asterisk, which is a chroot.
PYTHON := .venv/bin/python
JSON ?=
DEMO_SECONDS ?= 60
PBX ?= asterisk
WIRE := tests/unit/telephony/agi tests/unit/telephony/ami tests/unit/telephony/simulated tests/unit/tests_ua \
	tests/unit/tests_centre tests/unit/acd/cli tests/unit/acd/web
CODE := acd telephony kpi config hardware tests

.DEFAULT_GOAL := help
.PHONY: help setup pbx demo test check test-unit test-wire test-contract test-integration bench bench-matcher bench-cut locks

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-18s %s\n", $$1, $$2}'

setup: ## .venv with pinned dependencies; instant when it is up to date
	@sh tests/tools/setup.sh

pbx: setup ## the real Asterisk: a debootstrap folder in the cache, made once
	@$(PYTHON) -m tests.pbx.folder

demo: setup ## the daemon on a real Asterisk with SIP agents and callers, live (DEMO_SECONDS=60, PBX=simulated, JSON=FILE)
	@$(PYTHON) -m tests.demo --seconds $(DEMO_SECONDS) --pbx $(PBX) $(if $(JSON),--json $(JSON))

test: setup ## everything CI runs: check, unit, property, contract, integration with the real Asterisk, the wheel
	@$(MAKE) --no-print-directory check
	@$(PYTHON) -m tests.pbx.folder
	@$(PYTHON) -m pytest

check: setup ## format, lint, types, import contracts
	@$(PYTHON) -m ruff format --check -q $(CODE)
	@$(PYTHON) -m ruff check -q $(CODE)
	@$(PYTHON) -m mypy
	@.venv/bin/lint-imports --no-cache > .lint-imports.log || { cat .lint-imports.log; exit 1; }; rm -f .lint-imports.log

test-unit: setup ## pure unit and property tests, seconds
	@$(PYTHON) -m pytest -q tests/unit tests/property $(addprefix --ignore=,$(WIRE))

test-wire: setup ## unit tests over loopback sockets and processes, which wait out real timers; a minute
	@$(PYTHON) -m pytest -q $(WIRE)

test-contract: pbx ## one suite against the simulated and the real PBX
	@$(PYTHON) -m pytest tests/contract

test-integration: pbx ## the cases on the real Asterisk
	@$(PYTHON) -m pytest tests/integration

bench: pbx ## against app_queue on the same Asterisk (JSON=FILE)
	@$(PYTHON) -m tests.bench.routing $(if $(JSON),--json $(JSON))

bench-matcher: setup ## what routing costs at 10,000 agents and 100,000 waiting calls, two minutes (JSON=FILE)
	@$(PYTHON) -m tests.bench.matcher $(if $(JSON),--json $(JSON))

bench-cut: pbx ## how soon a phone rings for a caller in the middle of a message (JSON=FILE)
	@$(PYTHON) -m tests.bench.cut $(if $(JSON),--json $(JSON))

locks: setup ## make the hashed locks anew, one per Python
	@sh tests/tools/lock.sh
