# The two commands: `make run` and `make test`.

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
export ENGINE ENGINE_VENV

.PHONY: run test conformance soak fuzz losses lint scale bench hostile cold-start clean clean-data openapi lint-openapi schemathesis

run: $(DEV) $(if $(or $(DYNAMODB_ENDPOINT),$(filter-out ministack,$(ENGINE))),,$(EMBEDDED))
	@exec $(BIN)/python -m local.run

test: $(DEV) $(EMBEDDED)
	$(BIN)/python -m pytest

# The longer proofs: against DynamoDB Local, under many clients, and with whatever a body may hold.
conformance: $(DEV) $(EMBEDDED)
	EXAMPLES=40 $(BIN)/python -m pytest tests/conformance

soak: $(DEV) $(EMBEDDED)
	REQUESTS=20000 $(BIN)/python -m pytest tests/test_soak.py

fuzz: $(DEV) $(EMBEDDED)
	EXAMPLES=50000 $(BIN)/python -m pytest tests/test_fence.py -k fuzz
	EXAMPLES=100000 $(BIN)/python -m pytest tests/test_connections.py -k standard_library

losses: $(DEV) $(EMBEDDED)
	LOSSES=2000 COUNT=10000 $(BIN)/python -m pytest -s tests/faults/test_losses.py

# Schemathesis, with 500 valid and 500 invalid requests for each operation besides the edges of its schema.
schemathesis: $(DEV) $(EMBEDDED)
	EXAMPLES=500 $(BIN)/python -m pytest tests/test_schemathesis.py

lint: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/cfn-lint $(filter-out infrastructure/stack.yaml,$(wildcard infrastructure/*.yaml))

openapi: $(DEV)
	$(BIN)/python -m chalicelib.openapi > docs/openapi.json

# Needs Node. docs/openapi.md explains the warnings.
lint-openapi: $(DEV)
	$(BIN)/python -m openapi_spec_validator docs/openapi.json
	npx --yes @redocly/cli@2.77.0 lint --config docs/.redocly.yaml docs/openapi.json

scale: $(DEV)
	$(BIN)/python -m perf.scale

# The tables and the chart of docs/performance.md.
bench: $(BENCH)
	.venv-bench/bin/python -m perf.bench

# What requests cost that are made to cost much.
hostile: $(DEV)
	$(BIN)/python -m perf.hostile

cold-start: $(BENCH) $(LAMBDA)
	.venv-bench/bin/python -m perf.cold

# Everything that `make` can build again. The items of `make run` stay.
clean:
	rm -rf $(VENV) $(ENGINE_VENV) .venv-bench .venv-lambda .local/packaged local/dynamodb-local/node_modules
	@if [ -d .local ]; then echo "Kept the items of make run, in .local; make clean-data removes them."; fi

# The items of `make run`, of every engine.
clean-data:
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

# The files one after another: where one has hashes, pip wants hashes of all that it installs at once.
define environment
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "Python 3.10 or newer is needed: make PYTHON=python3.11 …")'
	@echo "Installing $(2) into $(1)"
	@$(PYTHON) -m venv --clear $(1)
	@for each in $(2); do $(1)/bin/python -m pip install --quiet --disable-pip-version-check --requirement $$each || exit; done
	@touch $(1)/.installed
endef
