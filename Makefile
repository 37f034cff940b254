# Two commands do everything: `make run` opens the lab, `make test` checks it.
PYTHON ?= python3
BIN := .venv/bin
ifeq ($(OS),Windows_NT)
BIN := .venv/Scripts
endif
PROCESSES ?= 2  # that share the tests, a file at a time

.PHONY: run test format format-check lint types tests bench nightly clean

run: .venv/installed
	$(BIN)/streamlit run app.py

test: format-check lint types tests

format-check: .venv/tested
	$(BIN)/ruff format --check .

lint: .venv/tested
	$(BIN)/ruff check .

types: .venv/tested
	$(BIN)/mypy

tests: .venv/tested
	$(BIN)/python -m pytest -n $(strip $(PROCESSES)) --dist loadfile

format: .venv/tested
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Odd specs and addresses, 10⁴ of every page, other ones every night; CONTRIBUTING.md tells how one is repeated.
nightly: .venv/tested
	EF21LAB_FUZZ=$${EF21LAB_FUZZ:-10000} EF21LAB_FUZZ_FROM=$${EF21LAB_FUZZ_FROM:-$$(date +%y%m%d)0000} \
		$(BIN)/python -m pytest tests/test_fuzz.py tests/pages/test_fuzz.py

bench: .venv/tested
	$(BIN)/python -m benchmarks

.venv/installed: requirements.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/tested: .venv/installed pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[test]"
	@touch $@

clean:
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
