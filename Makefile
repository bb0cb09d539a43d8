# `make quick` is the way to work, `make test` proves everything, `make run` starts the service. All set-up is done by
# themselves, on a fresh machine too.

PYTHON ?= python3
VENV ?= .venv
HOST ?= 127.0.0.1
PORT ?= 8000
BASE ?= HEAD
BIN := $(VENV)/bin
NODE_BIN := build/tools/node_modules/.bin
SCRIPTS := service/web/static/*.js docs/walkers/*.mjs service/web/types.d.ts tests/javascript/*.mjs tests/browser_reading.mjs eslint.config.mjs

# An empty environment has no PATH.
export PATH := $(or $(PATH),/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin)

# Python may keep what it compiled: pytest takes twice as long to begin without.
unexport PYTHONDONTWRITEBYTECODE

STEP := @scripts/step
PYTEST := $(BIN)/python -m pytest -q --dist worksteal

.PHONY: run quick test whole-space check data schema diff neighbours cost lint types javascript bench peers load visit timing wheel sbom audit advisories docs \
    assets screenshots lock clean

# Starts Wegwijzer at http://$(HOST):$(PORT)/.
run: $(VENV)/run.done
	$(BIN)/wegwijzer serve --host $(HOST) --port $(PORT)

# The way to work, in some forty seconds on two cores: style, layers, and every test that needs Python alone, but the slowest. After a change.
quick: $(VENV)/dev.done
	$(STEP) "style" $(BIN)/ruff check -q .
	$(STEP) "layers" $(BIN)/lint-imports
	$(STEP) "tests in Python alone" $(PYTEST) -n 2 -m "not (browser or tools or processes or slow)"

# Everything that must hold before a change is taken in, in minutes; each step says what it took. More tests run at once
# than there are cores in most places, for browsers and processes are waited for much of the time.
test: $(VENV)/dev.done $(VENV)/browser.done build/tools/done build/supply/done build/docs-tools/done build/fork/done
	$(STEP) "style" $(BIN)/ruff check -q .
	$(STEP) "form" $(BIN)/ruff format -q --check .
	$(STEP) "layers" $(BIN)/lint-imports
	$(STEP) "types" $(BIN)/mypy
	$(STEP) "JavaScript" $(MAKE) --no-print-directory javascript
	$(STEP) "proof of the rules" $(BIN)/wegwijzer check
	$(STEP) "tests" $(PYTEST) -n 3 --durations=15

# Holds the engine against the rules in every situation there is, where something has changed since it last did.
whole-space: $(VENV)/dev.done
	cd tests && ../$(BIN)/python whole_space.py

check: $(VENV)/run.done
	$(BIN)/wegwijzer check

# The data gate: an edit of rules/, content/ or tests/cases must pass `wegwijzer check`, and each change of a rule be noticed.
data: $(VENV)/dev.done
	$(STEP) "proof of the rules" $(BIN)/wegwijzer check
	$(STEP) "every change of a rule is noticed" $(PYTEST) tests/test_mutation.py

# Writes what a compiled rulebase looks like anew, after a change of what is read; read its difference.
schema: $(VENV)/run.done
	$(BIN)/python -m service.rulebook.compiled > docs/compiled.schema.json

# For whom the answer changes since the revision BASE, as Markdown: for whoever judges a change to rules/ or content/.
diff: $(VENV)/run.done
	@$(BIN)/wegwijzer diff "$(BASE)" . --format markdown

# Writes tests/neighbourhoods.toml anew after a change of rules; read its difference before you sign it.
neighbours: $(VENV)/dev.done
	cd tests && ../$(BIN)/python neighbours.py

# Measures the dearest request of each address and writes the table of docs/cost.md anew; read its difference.
cost: $(VENV)/dev.done
	cd tests && ../$(BIN)/python costs.py

lint: $(VENV)/dev.done
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(VENV)/dev.done
	$(BIN)/mypy

# The scripts of pages: style, form, types, and their own tests under Node.js. No browser, a few seconds.
javascript: build/api.d.ts
	$(NODE_BIN)/eslint --max-warnings 0 $(filter-out %.d.ts,$(SCRIPTS))
	$(NODE_BIN)/prettier --log-level warn --check $(SCRIPTS)
	$(NODE_BIN)/tsc --project .
	node --test tests/javascript/*.test.mjs

# Types for the scripts, from the schemas of what they get.
build/api.d.ts: service/answers/view.py scripts/view_types.py build/tools/done $(VENV)/run.done
	$(BIN)/python scripts/view_types.py > build/api.json
	$(NODE_BIN)/openapi-typescript build/api.json --output $@ > /dev/null

# Measurements, as ratios in one run. Not tests: a timing proves nothing about a promise.
bench: $(VENV)/dev.done
	$(BIN)/python -m benchmarks

# What others would pick, on the same rules and situations: half an hour. Writes docs/benchmarks.md with its charts anew.
peers: $(VENV)/dev.done build/peers/done
	$(BIN)/python -m benchmarks.peers

# Ten minutes at the point where two cores can do no more; FOR=60 for a look.
load: $(VENV)/dev.done build/tools/done
	scripts/setup load
	PYTHONPATH=tests $(BIN)/python -m benchmarks.load $(FOR)

# What a visit costs: requests, bytes and processor time, with JavaScript and without, and a million of them.
visit: $(VENV)/dev.done $(VENV)/browser.done
	PYTHONPATH=tests $(BIN)/python -m benchmarks.visit

# How far the time of an answer tells outcomes apart, with and without its pace: half an hour; ROUNDS=100 for a look.
timing: $(VENV)/dev.done
	cd tests && ../$(BIN)/python timing.py $(ROUNDS)

$(VENV)/run.done: requirements/build.txt requirements/run.txt setup.cfg pyproject.toml scripts/setup scripts/hardened
	PYTHON="$(PYTHON)" VENV="$(VENV)" scripts/setup run
	touch $@

$(VENV)/dev.done: requirements/dev.txt $(VENV)/run.done
	VENV="$(VENV)" scripts/setup dev
	touch $@

$(VENV)/browser.done: $(VENV)/dev.done scripts/setup
	scripts/setup browser
	touch $@

build/tools/done: tests/tools/requirements.txt tests/tools/package-lock.json service/web/assets/package-lock.json scripts/setup $(VENV)/run.done
	VENV="$(VENV)" scripts/setup tools
	touch $@

# What looks after the supply of parts, in an environment of its own: nothing of it is ever beside the service.
build/supply/done: requirements/supply.txt requirements/kubectl.txt $(VENV)/run.done
	VENV="$(VENV)" scripts/setup supply
	touch $@

build/docs-tools/done: requirements/docs.txt $(VENV)/run.done
	VENV="$(VENV)" scripts/setup docs
	touch $@

# The engine with the patches of scripts/fork, of which tests/test_fork.py says what they mend. No part of the product.
build/fork/done: scripts/fork/build $(wildcard scripts/fork/*.patch) requirements/run.txt $(VENV)/run.done
	VENV="$(VENV)" scripts/fork/build build/fork
	touch $@

# The docs as a site, build/docs, of the files as they stand; a dead link fails.
docs: build/docs-tools/done
	build/docs-tools/bin/python -m sphinx --quiet --fail-on-warning --keep-going --conf-dir docs/site \
	    --doctree-dir build/docs-pages . build/docs

build/peers/done: benchmarks/peers/requirements.txt benchmarks/peers/package-lock.json scripts/setup $(VENV)/run.done
	VENV="$(VENV)" scripts/setup peers
	touch $@

# The wheel of the last commit, in dist/ with its hash: the same bytes wherever it is built.
wheel: $(VENV)/run.done
	VENV="$(VENV)" scripts/wheel

# What ships, as CycloneDX: build/sbom/python.cdx.json and npm.cdx.json. The image brings its own, in /opt/wegwijzer/share/sbom.
sbom: build/supply/done
	build/supply/bin/python scripts/sbom.py $(BIN)/python build/sbom

# What is known against the parts that ship: "clean", "N findings", or "NOT AUDITED" where the data is out of reach.
# ADVISORIES=FILE asks the file of a release and nobody else. (The script ends with 0, 1 and 3; make makes 2 of the last two.)
audit: build/supply/done
	build/supply/bin/python scripts/audit.py $(if $(ADVISORIES),--advisories $(ADVISORIES)) $(AUDIT)

# Cuts that file out of two exports of OSV, PYPI=… and NPM=…: scripts/advisories.py says where they are.
advisories: build/supply/done
	mkdir -p dist
	build/supply/bin/python scripts/advisories.py $(PYPI) $(NPM) dist/advisories.zip

# Builds what pages look like from pinned packages, into service/web/static; needs Node.js.
assets:
	scripts/setup assets

# Takes the pictures in docs/screenshots anew; look at them.
screenshots: $(VENV)/browser.done
	cd tests && ../$(BIN)/python screenshots.py

# Renews the pinned versions and their hashes; read the difference before you commit it.
lock:
	for kind in build run sheets dev sbom supply docs; do \
	    uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
	        requirements/$$kind.in -o requirements/$$kind.txt || exit 1; done
	for folder in benchmarks/peers tests/tools; do \
	    uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
	        $$folder/requirements.in -o $$folder/requirements.txt || exit 1; done
	for folder in tests/tools service/web/assets benchmarks/peers; do \
	    npm install --prefix $$folder --package-lock-only --omit-lockfile-registry-resolved --ignore-scripts --no-audit || exit 1; done

clean:
	rm -rf $(VENV) build dist ./*.egg-info .mypy_cache .ruff_cache .pytest_cache
