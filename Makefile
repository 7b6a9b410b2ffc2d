# EcoDML: every way to install, run and check it. `make` lists them.
# What a target does in more than a line or two is in scripts/.
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
python := .venv/bin/python
lint_js := $(wildcard frontend scripts/browser scripts/solc scripts/circuits tests/integration/circuits tests/support/web eslint.config.mjs)
solidity := contracts tests/contracts/forge

.PHONY: help
help: ## List these targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-18s %s\n", $$1, $$2 }'

.PHONY: install
install: ## Install what the project needs into this checkout; does nothing when up to date
	@scripts/install/install.sh

# --- run ---------------------------------------------------------------------------------------

.PHONY: up down status demo bench bench-compression bench-learning bench-overhead bench-aggregation bench-rules experiments
several = $(if $(BACKENDS),--backends $(BACKENDS)) $(if $(DISPATCHERS),--dispatchers $(DISPATCHERS)) \
	$(if $(SETTLERS),--settlers $(SETTLERS)) $(if $(AGGREGATORS),--aggregators $(AGGREGATORS))
up: install ## Start the local stack and leave it running (BACKENDS=2 DISPATCHERS=2 SETTLERS=2 AGGREGATORS=2: several of each)
	@$(python) -m scripts.stack up --detach $(several)

down: ## Stop the local stack
	@$(python) -m scripts.stack down

status: ## Show which parts of the local stack run
	@$(python) -m scripts.stack status

demo: install ## Play three jobs on a stack of their own: honest, attacked, abandoned
	@$(python) -m scripts.demo

bench: install ## Measure the promised ratios and print them as JSON
	@$(python) -m scripts.bench

bench-learning: install ## Accuracy, attacks and what checking costs; data from ECODML_BENCH_DATA (hours; resumes where it stopped)
	@$(python) -m scripts.bench.learning

bench-overhead: install ## What a round costs with trivial training, beside Flower in an environment of its own (half an hour)
	@scripts/install/install.sh --with-flower
	@$(python) -m scripts.bench.overhead

bench-aggregation: install ## What folding updates costs beside numpy, by rule and option, and its peak memory; JSON (minutes)
	@.venvs/aggregator/bin/python -m scripts.bench.aggregation --json

bench-compression: install ## What 8-bit integers and pruning do to energy and accuracy; MNIST too from ECODML_BENCH_DATA; JSON (minutes)
	@.venvs/node/bin/python -m scripts.bench.compression

bench-rules: install ## What each rule withstands by scores alone; MNIST from ECODML_BENCH_DATA; a Markdown table (half an hour)
	@$(python) -m scripts.bench.rules --markdown

experiments: install ## What the energy part is worth: run/experiments/*.{json,csv,tex,png}; data from ECODML_BENCH_DATA (minutes)
	@$(python) -m scripts.experiments

NODES ?= 1000
JOBS ?= 50
BROWSERS ?= 200
.PHONY: load
load: install ## 1 000 connected nodes, 50 jobs at once, 200 watching pages: latencies, memory, what was dropped; JSON (NODES= JOBS= BROWSERS=; ten minutes)
	@$(python) -m scripts.load --nodes $(NODES) --jobs $(JOBS) --browsers $(BROWSERS)

.PHONY: backup restore
backup: install ## Save the local stack's database, objects and chains to BACKUP=file.tar, while it runs
	@$(python) -m scripts.backup save $(or $(BACKUP),run/backups/$(shell date +%Y%m%d-%H%M%S).tar)

restore: install ## Put BACKUP=file.tar back into a stopped, empty local stack
	@$(python) -m scripts.backup restore $(BACKUP)

.PHONY: scale
scale: install ## Two of each of the operator's processes, five jobs at once, one of each killed in mid-job: JSON (four minutes)
	@$(python) -m scripts.scale

.PHONY: bench-web
bench-web: install ## What the pages weigh, how soon they show and answer, what axe finds: JSON (minutes)
	@$(python) -m scripts.bench.web

.PHONY: pictures
pictures: install ## Make README's pictures anew from a running stack and a played job (minutes)
	@$(python) -m scripts.browser.pictures

.PHONY: circuits
circuits: install ## Compile the green certificates' circuits and make their keys, once; they are kept in ~/.cache/ecodml
	@$(python) -m scripts.circuits

.PHONY: bench-certificate
bench-certificate: install ## What a green certificate costs: constraints, seconds to prove, gas, bytes; JSON
	@$(python) -m scripts.bench.certificate

# --- check -------------------------------------------------------------------------------------

.PHONY: test test-unit test-nodes test-conformance test-contracts test-integration test-e2e
test: install ## Run every test, two kinds at a time: contracts beside what needs no stack, then integration beside journeys
	@$(MAKE) -j2 --output-sync=target test-contracts test-unit test-conformance test-nodes
	@$(MAKE) -j2 test-integration test-e2e

test-unit: install ## Unit and property tests (no sockets)
	@scripts/install/run_tests.sh backend unit property

test-conformance: install ## One suite over every adapter of a port
	@scripts/install/run_tests.sh backend conformance

test-nodes: install ## The nodes' and the aggregator's tests, each in its own environment
	@scripts/install/run_tests.sh node '*/fl_nodes'
	@scripts/install/run_tests.sh aggregator '*/aggregator'

.PHONY: audit
audit: install ## Locks, hashes, licences, then known advisories; says so where nobody can be asked (python -m scripts.audit: exit 3)
	@$(python) -m scripts.audit

.PHONY: check-alerts
check-alerts: install ## Prometheus' own tool over deploy/prometheus: configuration, rules, and when they fire
	@scripts/install/install.sh --with-promtool
	@$(python) -m pytest -q tests/unit/watching/test_watching_files.py

.PHONY: fuzz
fuzz: install ## Hostile input for all that reads what strangers send (MINUTES=10 or INPUTS=n); JSON: inputs tried, crashes
	@scripts/install/install.sh --with-fuzz
	@$(python) -m scripts.fuzz $(if $(INPUTS),--inputs $(INPUTS),--minutes $(or $(MINUTES),10))

test-contracts: install ## The contracts: Brownie's tests, then forge's fuzzing and invariants
	@scripts/brownie/run.sh test tests/contracts -c tests/contracts/brownie-pytest.ini --network development
	@scripts/contracts/forge.sh test

.PHONY: credit-cases
credit-cases: install ## Ten thousand generated attempts to get an Eco Credit for nothing, in the real contracts (part of test-contracts)
	@scripts/contracts/forge.sh test --match-contract CreditCasesTest

.PHONY: check-contracts mutants coverage-contracts slither gas gas-update
check-contracts: mutants coverage-contracts slither gas ## What tests alone do not show: the four below

mutants: install ## Prove that the contracts' tests catch every planted bug
	@$(python) -m scripts.contracts.mutants

coverage-contracts: install ## Every line and 95 % of the branches of the contracts
	@$(python) -m scripts.contracts.coverage

slither: install ## Slither over the contracts: nothing grave that is not explained
	@scripts/install/install.sh --with-slither
	@$(python) -m scripts.contracts.slither

gas: install ## Compare what calls cost with tests/contracts/gas.json, and with the limits
	@$(python) -m scripts.contracts.gas

gas-update: install ## Write what calls cost to tests/contracts/gas.json
	@$(python) -m scripts.contracts.gas --update

test-integration: install ## Several real parts together, and with faults
	@scripts/install/run_tests.sh backend integration faults

test-e2e: install ## People's journeys against a whole stack, in the terminal and in Chromium; pictures in run/e2e
	@scripts/install/run_tests.sh backend e2e

SEEDS ?= 3
FIRST ?= 1
.PHONY: chaos
chaos: install ## Kill every part at named points of jobs and audit chain, database and mail: SEEDS=n, FIRST=seed; JSON (four minutes a seed)
	@$(python) -m scripts.chaos --seeds $(SEEDS) --first $(FIRST)

.PHONY: lint lint-python lint-contracts lint-js
lint: lint-python lint-contracts lint-js ## Check style, types and layering

lint-python: install
	@.venv/bin/ruff check
	@.venv/bin/ruff format --check
	@.venv/bin/mypy
	@.venv/bin/lint-imports

lint-contracts: install
	@node_modules/.bin/solhint --noPoster --max-warnings 0 'contracts/**/*.sol' 'tests/contracts/forge/**/*.sol'

lint-js: install
	@node_modules/.bin/eslint --max-warnings 0 $(lint_js)
	@node_modules/.bin/prettier --check --log-level warn $(solidity) $(lint_js)

.PHONY: format
format: install ## Rewrite sources the way `make lint` wants them
	@.venv/bin/ruff check --fix
	@.venv/bin/ruff format
	@node_modules/.bin/prettier --write --log-level warn $(solidity) $(lint_js)
