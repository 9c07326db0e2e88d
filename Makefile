# geo_risk: `make run` shows the demo map, `make test` checks everything.
# Settings: PORT=8080 NO_BROWSER=1 make run; PYTHON=/path/to/python3.12 make run

SHELL = /bin/sh
BIN = .venv/bin
PARTS = pyproject.toml constraints.txt hatch_build.py web/package-lock.json
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

.PHONY: run test check bench constraints demo-data pictures wheel clean
.DELETE_ON_ERROR:

run: .venv/.installed  ## Build the demo city and open its map
	$(BIN)/geo-risk demo $(if $(PORT),--port $(PORT)) $(if $(filter-out 0,$(NO_BROWSER)),--no-browser)

test: check  ## Everything that CI runs
	$(BIN)/pytest $(PYTEST_ARGS)

check: .venv/.installed-dev  ## Style, types and the import direction
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/.installed-dev  ## Measure, and write docs/benchmarks.md
	-$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[bench]'
	$(BIN)/python -m tests.bench $(BENCH_ARGS)

constraints: .venv/.python  ## Pin the newest versions that fit in constraints.txt
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --upgrade --universal --no-emit-index-url --no-header \
		--python-version 3.11 --extra dev pyproject.toml -o constraints.txt

demo-data: .venv/.installed-dev  ## Make the files of the demo city anew
	$(BIN)/python -m data.demo.make_shishi

pictures: .venv/.installed-dev  ## Take the pictures of docs/images anew
	GEO_RISK_PICTURES=docs/images $(BIN)/pytest -q tests/e2e/test_demo_pictures.py

wheel: .venv/.installed-dev  ## dist/*.whl and dist/*.tar.gz
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .
	$(BIN)/hatchling build -t sdist

clean:
	rm -rf dist build web/node_modules web/geo_risk_web/static/vendor
	rm -f .venv/.installed .venv/.installed-dev

.venv/.python:
	@if [ -z "$(PYTHON)" ]; then \
		echo "需要 Python 3.11 或更新版本。Python 3.11 or newer is needed: python3 is not, or is missing." >&2; \
		exit 1; fi
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) 缺少 venv 模块。$(PYTHON) lacks its venv module; on Debian: apt install python3-venv" >&2; \
		exit 1; }
	$(PYTHON) -m venv .venv
	@touch $@

.venv/.installed: .venv/.python $(PARTS)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

.venv/.installed-dev: .venv/.python $(PARTS)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch .venv/.installed $@
