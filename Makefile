# One virtual environment for everything; each target installs what it needs, once per change of its requirements.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SOURCES := actors broker.py postgres_queue submissions modelserver scripts bench chaos tests

.DEFAULT_GOAL := help
.PHONY: help demo test chaos check bench-broker bench-pages bench-prefix eval-feedback eval-vision format generated samples clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

demo: $(VENV)/.demo ## hand the samples in and show what comes back; needs nothing but Python and the network
	$(BIN)/python -m scripts.demo

test: $(VENV)/.dev ## run the tests, on a Postgres of their own unless DATABASE_URL is set
	$(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder $(PYTEST)

chaos: $(VENV)/.dev ## let everything fail at once and see that nothing is lost (about 6 minutes; SEED=N repeats a plan)
	$(BIN)/python -m chaos run $(addprefix --seed ,$(SEED))

check: $(VENV)/.dev ## format, lint, types, generated files
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/python -m submissions.generated --check

bench-broker: $(VENV)/.bench ## measure the broker beside four others (20 minutes; ONLY="CASE[,SYSTEM] …" for a part)
	$(BIN)/python -m bench.broker $(addprefix --only ,$(ONLY))

bench-pages: $(VENV)/.dev ## measure how much sooner four threads read ten pages than one (90 seconds; fails above 0.35)
	$(BIN)/python -m bench.pages

bench-prefix: $(VENV)/.demo ## show that what all pupils of a task share is read by the model once (5 minutes, real small model)
	$(BIN)/python -m bench.prefix

eval-feedback: $(VENV)/.demo ## measure a model's feedback: AI_FEEDBACK_MODEL at OLLAMA_BASE_URL, else the small one (30 minutes)
	$(BIN)/python -m bench.feedback $(if $(ONLY),--only $(ONLY)) $(if $(OUT),--out $(OUT)) $(if $(BESIDE),--beside $(BESIDE)) $(if $(INTO),--into $(INTO))

eval-vision: $(VENV)/.eval ## measure how a model reads pages: AI_VISION_MODEL at OLLAMA_BASE_URL, else the small one (2 minutes)
	$(BIN)/python -m bench.vision $(if $(ONLY),--only $(ONLY)) $(if $(SEED),--seed $(SEED)) $(if $(PIXELS),--pixels $(PIXELS)) $(if $(OUT),--out $(OUT))

format: $(VENV)/.dev ## put the code into its form
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/ruff check --fix $(SOURCES)

generated: $(VENV)/.dev ## write .env.sample and the tables of docs/ anew
	$(BIN)/python -m submissions.generated

samples: $(VENV)/.dev ## draw the samples anew from their texts
	$(BIN)/python -m scripts.make_samples

clean: ## remove what the targets made, the environment included
	rm -rf $(VENV) .dev .pytest_cache .mypy_cache .ruff_cache .hypothesis

# pip comes last: a Python without ensurepip (Debian's, before python3-venv is installed) makes all the rest, then fails.
$(VENV)/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: requirements.txt requirements-demo.txt | $(VENV)/bin/pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-demo.txt
	@touch $@

$(VENV)/.eval: requirements.txt requirements-demo.txt requirements-eval.txt | $(VENV)/bin/pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-eval.txt
	@touch $@

$(VENV)/.bench: requirements.txt requirements-bench.txt | $(VENV)/bin/pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-bench.txt
	@touch $@

$(VENV)/.dev: requirements.txt requirements-dev.txt | $(VENV)/bin/pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
