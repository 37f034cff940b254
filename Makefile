# Two commands do everything: `make run` opens the lab, `make test` checks it.
PYTHON ?= python3
BIN := .venv/bin
ifeq ($(OS),Windows_NT)
BIN := .venv/Scripts
endif
PROCESSES ?= 4  # that share the tests, a file at a time: cores would often be idle, while browsers and engines are waited for
EXTRAS ?=  # of pyproject.toml, as `make run EXTRAS=torch`: installed once, and kept

.PHONY: run test format format-check lint types tests browser bench pictures nightly clean

run: .venv/installed $(EXTRAS:%=.venv/with-%)
	$(BIN)/streamlit run app.py

test: format-check lint types tests

format-check: .venv/tested
	$(BIN)/ruff format --check .

lint: .venv/tested
	$(BIN)/ruff check .

types: .venv/tested
	$(BIN)/mypy

tests: .venv/tested $(EXTRAS:%=.venv/with-%)
	$(BIN)/python -m pytest -n $(strip $(PROCESSES)) --dist loadfile --no-loadscope-reorder

# Types and lint of the browser's modules: tsc and eslint, pinned in tests/web/js and fetched by npm, run by playwright's node.
NODE = $(shell $(BIN)/python -c "import pathlib, playwright; print(pathlib.Path(playwright.__file__).parent / 'driver' / 'node')")
CHECKS := tests/web/js

browser: .venv/tested $(CHECKS)/node_modules/installed
	$(NODE) $(CHECKS)/node_modules/typescript/bin/tsc --project $(CHECKS)
	$(NODE) $(CHECKS)/node_modules/eslint/bin/eslint.js --config $(CHECKS)/eslint.config.js --max-warnings 0 ef21lab/web/assets $(CHECKS)

$(CHECKS)/node_modules/installed: $(CHECKS)/package-lock.json
	npm ci --prefix $(CHECKS) --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

format: .venv/tested
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Odd specs and addresses, 10⁴ of every page, other ones every night; CONTRIBUTING.md tells how one is repeated.
nightly: .venv/tested
	EF21LAB_FUZZ=$${EF21LAB_FUZZ:-10000} EF21LAB_FUZZ_FROM=$${EF21LAB_FUZZ_FROM:-$$(date +%y%m%d)0000} \
		$(BIN)/python -m pytest tests/test_fuzz.py tests/pages/test_fuzz.py

bench: .venv/tested
	$(BIN)/python -m benchmarks

# The README's pictures, taken anew in Chromium.
pictures: .venv/tested
	$(BIN)/python -m docs.pictures

# The lab itself goes in too, as it lies here: `ef21lab` and `import ef21lab` are then there in every directory.
.venv/installed: requirements.txt
	$(PYTHON) -m venv .venv
	@echo 'installing what the lab needs: a minute or two, once'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt -e .
	@touch $@

.venv/tested: .venv/installed pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[test]"
	@touch $@

.venv/with-%: .venv/installed pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[$*]"
	@touch $@

clean:
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
