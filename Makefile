# The one manual that runs: install, run, test, measure, look.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check
# Instead of the setting: make run PORT=8400
AT_PORT := $(if $(PORT),--port $(PORT))

.PHONY: run test lint coverage bench screenshots translations lock clean

run: .make/run
ifdef BRAND
	$(BIN)/didban brand show "$(BRAND)" >/dev/null 2>&1 || $(BIN)/didban watch "$(BRAND)"
	$(BIN)/didban run $(AT_PORT)
else
	$(BIN)/didban run $(AT_PORT) --sample
endif

test: .make/test .make/browser .make/postgresql lint
	$(BIN)/python -m pytest --numprocesses=auto --dist=loadscope

# Its own command: watching every line takes half as long again.
coverage: .make/test .make/browser
	$(BIN)/python -m pytest --cov --cov-report=term:skip-covered

lint: .make/test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: .make/test
	$(BIN)/python -m pytest tests/benchmarks -s -o addopts= -o python_files='bench_*.py'

screenshots: .make/test .make/browser
	$(BIN)/python -m tests.screenshots build/screenshots --keep docs/screenshots

translations: .make/test
	$(BIN)/python -m tests.translations
	$(BIN)/python -m tests.web.catalogues

# Exact versions and hashes of all that is installed, without addresses: pip takes it from wherever it is set to.
LOCK := uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --quiet
lock: .make/test
	$(BIN)/$(LOCK) --custom-compile-command "make lock" --output-file requirements.txt
	$(BIN)/$(LOCK) --custom-compile-command "make lock" --extra test --output-file requirements-test.txt

# The pip that comes with Python may be one that takes a pinned package with an extra for an unpinned one.
.make/run: pyproject.toml requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) "pip>=25"
	$(PIP) --require-hashes --requirement requirements.txt
	$(PIP) --no-deps --editable .
	@mkdir -p .make && touch $@

.make/test: .make/run requirements-test.txt
	$(PIP) --require-hashes --requirement requirements-test.txt
	@touch $@

# A browser for the page tests: the system's own, Debian's, or Playwright's.
.make/browser: .make/test
	command -v chromium chromium-browser google-chrome >/dev/null \
	  || { [ "$$(id -u)" = 0 ] && apt-get update -qq && apt-get install -qq -y chromium >/dev/null; } \
	  || $(BIN)/playwright install chromium
	@touch $@

# A PostgreSQL server for the tests, which start one of their own: the system's, or Debian's.
.make/postgresql: .make/test
	command -v pg_ctl || ls /usr/lib/postgresql/*/bin/pg_ctl 2>/dev/null \
	  || { [ "$$(id -u)" = 0 ] && apt-get update -qq && apt-get install -qq -y postgresql >/dev/null; } \
	  || echo "no PostgreSQL here: the tests on it will be skipped"
	@touch $@

clean:
	rm -rf $(VENV) .make .mypy_cache .ruff_cache .pytest_cache build *.egg-info
