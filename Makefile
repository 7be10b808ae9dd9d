# Each step of the set-up leaves a stamp, so it runs again only when what it was made from has changed.
.DEFAULT_GOAL := help
.PHONY: help run test lint docs plugin bench soak
export PYTHON
unexport PYTHONDONTWRITEBYTECODE  # each process would compile every module anew

help: ## what each target does
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' Makefile

run: .venv/.hamdel node_modules/.stamp ## everything it needs, then the desk with its demo on http://127.0.0.1:8000
	@.venv/bin/helpdesk init --demo
	@exec .venv/bin/helpdesk run

test: ready ## everything it needs, then every test at small sizes
	.venv/bin/pytest tests -m "not soak and not alone" -n 2 --dist loadfile --no-loadscope-reorder
	.venv/bin/pytest tests -m "not soak and alone"

soak: ready ## the same tests at full size, and the long ones
	HELPDESK_SOAK=1 .venv/bin/pytest tests --durations=10

lint: .venv/.test node_modules/.dev ## style, types, import contracts and the shape of the code
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	node_modules/.bin/biome lint --error-on-warnings
	.venv/bin/pytest -q tests/test_shape.py

docs: .venv/.hamdel ## the reference pages that are written from the code
	.venv/bin/python tools/reference.py

bench: ready ## measured figures, written to docs/
	.venv/bin/python -m tests.bench

plugin: .venv/.test node_modules/.stamp ## a new plugin from the skeleton, switched on and tested: make plugin name=fax
	.venv/bin/python tools/new_plugin.py "$(name)"
	@$(MAKE) --no-print-directory .venv/.hamdel
	.venv/bin/pytest -q tests/plugins/$(name)

.PHONY: ready
ready: .venv/.test node_modules/.dev
	@tools/setup.sh machine

.venv/.python:
	@tools/setup.sh venv
	@touch $@

.venv/.run: requirements/run.txt | .venv/.python
	@tools/setup.sh packages run
	@touch $@

.venv/.hamdel: setup.cfg pyproject.toml .venv/.run
	@tools/setup.sh hamdel
	@touch $@

.venv/.test: requirements/test.txt .venv/.hamdel
	@tools/setup.sh packages test
	@touch $@

node_modules/.stamp: package-lock.json | .venv/.python
	@tools/setup.sh node --omit=dev
	@touch $@

node_modules/.dev: package-lock.json | .venv/.python
	@tools/setup.sh node
	@touch node_modules/.stamp $@
