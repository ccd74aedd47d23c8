# Everything that people and CI do with this project. `make help` lists it.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PORT ?= 8776
DATA ?= $(CURDIR)/data

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev up demo test check lint crash system fuzz tempest bench bench-storage docs

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.runtime ## what `make up` needs: packages of the system, a virtual environment
setup-dev: $(VENV)/.dev ## what the tests need beside: databases, a broker, the clients

up: setup ## serve the API at 127.0.0.1:PORT, with everything kept in DATA
	@$(BIN)/lapilli up --listen 127.0.0.1:$(PORT) --data $(DATA)

demo: setup-dev ## the way of a volume, from the client's command to bytes over iSCSI
	@$(BIN)/lapilli demo

test: setup-dev ## lint, then the fast tests on real parts
	@$(MAKE) --no-print-directory lint
	$(BIN)/python -m pytest

check: test crash ## what CI runs: the tests, then the crashes

lint: setup-dev ## format, style, types, layers, spelling
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell lapilli tests docs bench scripts README.md
	$(BIN)/python -m scripts.generate_docs --check

fuzz: setup-dev ## send some 20,000 requests of the published document; EXAMPLES=number of each kind
	FUZZ_EXAMPLES=$(or $(EXAMPLES),15) $(BIN)/python -m pytest tests/system/test_fuzzing.py

crash: setup-dev ## kill the process at every point of every operation, then storms of kills
	$(BIN)/python -m pytest tests/crash

system: setup-dev ## LVM, LIO, NVMe and the kernel's initiators, in a guest with a kernel of its own; TESTS=expression for some
	scripts/real-kernel run -d 32G -d 8G -d 8G -m 4096 -t 3000 -- \
		$(BIN)/python -m pytest tests/kernel $(if $(TESTS),-k '$(TESTS)')

tempest: setup-dev ## OpenStack's own tests with a real Keystone and Glance; TESTS=regex for some, NOVA=yes for those with Nova
	$(BIN)/python -m tests.tempest $(if $(NOVA),--nova) $(if $(TESTS),'$(TESTS)')

bench: setup-dev ## CPU per operation, beside Cinder's figures
	$(BIN)/python -m bench

bench-storage: setup-dev ## the same for LVM and LIO, beside the bare commands, in a guest
	scripts/real-kernel run -d 100G -d 32G -d 1G -m 4096 -t 7200 -- $(BIN)/python -m bench.storage

docs: setup-dev ## write the generated pages of docs/ anew
	$(BIN)/python -m scripts.generate_docs

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements/runtime.txt pyproject.toml | $(VENV)/bin/python
	scripts/install-system-packages.sh
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/runtime.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.runtime
	scripts/install-test-servers.sh
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@
