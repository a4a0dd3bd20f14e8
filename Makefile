# The two commands: `make run` and `make test`. `make help` lists the others.

PYTHON ?= python3
VENV ?= .venv
# With the same Python as the tests: the emulated Lambda runs what Chalice packaged for it.
ENGINE_VENV ?= $(VENV:.venv%=.venv-engine%)
ENGINE ?= ministack

BIN := $(VENV)/bin
DEV := $(VENV)/.installed
EMBEDDED := $(ENGINE_VENV)/.installed
BENCH := .venv-bench/.installed
LAMBDA := .venv-lambda/.installed
MUTANTS := .venv-mutants/.installed
export ENGINE ENGINE_VENV

# The tests that need no engine.
QUICK := $(addprefix tests/test_,settings.py stages.py auth.py process.py requirements.py gateway.py shapes.py sdk.py) \
	$(addprefix tests/access/test_,accesses.py caller.py decision.py expressions.py known.py rules.py)

# Every target with a text for `make help`.
.PHONY: $(shell sed -n 's/^\([a-z-]*\):.*\#\#.*/\1/p' $(lastword $(MAKEFILE_LIST)))

help: ## list the commands
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(lastword $(MAKEFILE_LIST)) | expand -t 14

run: $(DEV) $(if $(or $(DYNAMODB_ENDPOINT),$(filter-out ministack,$(ENGINE))),,$(EMBEDDED)) ## the gateway on this machine, with a DynamoDB of its own
	@exec $(BIN)/python -m local.run

console: $(DEV) ## the console about a deployed stage: make console STAGE_URL=https://…
	@exec $(BIN)/python -m local.console

check: $(DEV) ## the inner loop: lint, types, and the tests that need no engine
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	DYNAMODB_ENDPOINT=http://127.0.0.1:9 $(BIN)/python -m pytest $(QUICK)

test: $(DEV) $(EMBEDDED) ## everything that a change has to pass
	$(BIN)/python -m pytest

conformance: $(DEV) $(EMBEDDED) ## the same questions to DynamoDB Local, straight and through the gateway
	EXAMPLES=40 $(BIN)/python -m pytest tests/conformance

access: $(DEV) $(EMBEDDED) ## 20,000 requests that what they do not read must not change, 200,000 decisions by Cedar too
	ROUNDS=20000 $(BIN)/python -m pytest tests/conformance/test_access.py
	ACCESSES=200000 $(BIN)/python -m pytest tests/access/test_cedar.py

soak: $(DEV) $(EMBEDDED) ## 64 clients at once
	REQUESTS=20000 $(BIN)/python -m pytest tests/test_soak.py

fuzz: $(DEV) $(EMBEDDED) ## 200,000 bodies, events and answers of DynamoDB; 1,000 items through the console
	EXAMPLES=50000 $(BIN)/python -m pytest tests/test_fence.py -k fuzz
	EXAMPLES=100000 $(BIN)/python -m pytest tests/test_connections.py -k standard_library
	ITEMS=1000 $(BIN)/python -m pytest tests/console/test_item_view.py -k generated

losses: $(DEV) $(EMBEDDED) ## how often a write is applied whose answer is lost
	LOSSES=2000 COUNT=10000 $(BIN)/python -m pytest -s tests/faults/test_losses.py

schemathesis: $(DEV) $(EMBEDDED) ## 1,000 requests for each operation, made from docs/openapi.json by Schemathesis
	EXAMPLES=500 $(BIN)/python -m pytest tests/test_schemathesis.py

screenshot: $(DEV) $(EMBEDDED) ## take docs/console.png of the console, for the README
	SCREENSHOT=docs/console.png $(BIN)/python -m pytest tests/console/test_page.py -k screenshot

console-page: $(DEV) $(EMBEDDED) ## measure how soon the console can be used, for docs/console.md
	$(BIN)/python -m perf.console_page

lint: $(DEV) ## style, types and templates
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/cfn-lint $(filter-out infrastructure/stack.yaml,$(wildcard infrastructure/*.yaml))

openapi: $(DEV) ## write docs/openapi.json
	$(BIN)/python -m chalicelib.openapi > docs/openapi.json

lint-openapi: $(DEV) ## Redocly's and Spectral's linters on docs/openapi.json, which docs/openapi.md explains; needs Node
	$(BIN)/python -m openapi_spec_validator docs/openapi.json
	npx --yes @redocly/cli@2.77.0 lint --max-problems 10 docs/openapi.json
	npx --yes @stoplight/spectral-cli@6.16.3 lint --ruleset docs/.spectral.yaml docs/openapi.json

scale: $(DEV) ## compute docs/scale.md
	$(BIN)/python -m perf.scale

bench: $(BENCH) ## measure the CPU of a request, for docs/performance.md
	.venv-bench/bin/python -m perf.bench
	.venv-bench/bin/python -m perf.access_rules

hostile: $(DEV) ## measure bodies that are made to cost much, for docs/performance.md
	$(BIN)/python -m perf.hostile

cold-start: $(BENCH) $(LAMBDA) ## measure the start, for docs/performance.md
	.venv-bench/bin/python -m perf.cold

mutants: $(MUTANTS) $(EMBEDDED) ## change chalicelib in thousands of ways, for docs/mutations.md; hours, or SAMPLE=400
	.venv-mutants/bin/python -m mutation

clean: ## remove what `make` can build again; the items of `make run` stay
	rm -rf $(VENV) $(ENGINE_VENV) .venv-bench .venv-lambda .venv-mutants .local/packaged local/dynamodb-local/node_modules
	@if [ -d .local ]; then echo "Kept the items of make run, in .local; make clean-data removes them."; fi

clean-data: ## remove the items of `make run`
	@if [ -d .local ]; then echo "Removing the items of make run:" && du -sh .local/*; fi
	rm -rf .local

$(DEV): requirements.txt requirements-dev.txt
	$(call environment,$(VENV),requirements.txt requirements-dev.txt)

$(EMBEDDED): requirements-engine.txt
	$(call environment,$(ENGINE_VENV),requirements-engine.txt)

$(BENCH): requirements.txt requirements-bench.txt
	$(call environment,.venv-bench,requirements.txt requirements-bench.txt)

$(LAMBDA): requirements-lambda.txt
	$(call environment,.venv-lambda,requirements-lambda.txt)

$(MUTANTS): requirements.txt requirements-dev.txt requirements-mutants.txt
	$(call environment,.venv-mutants,requirements.txt requirements-dev.txt requirements-mutants.txt)

# The files one after another: where one has hashes, pip wants hashes of all that it installs at once.
define environment
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "Python 3.10 or newer is needed: make PYTHON=python3.11 …")'
	@echo "Installing $(2) into $(1)"
	@$(PYTHON) -m venv --clear $(1)
	@for each in $(2); do $(1)/bin/python -m pip install --quiet --disable-pip-version-check --requirement $$each || exit; done
	@touch $(1)/.installed
endef
