# `make help` lists what there is. The environment is .venv in this folder; nothing outside this folder is written but
# pip's own cache.

.POSIX:
.SUFFIXES:
.PHONY: help demo test check format bench load lock fixtures reference clean

PORT ?= 8000
PYTHON = python3
RUN = .venv/.running
DEV = .venv/.developing
PIP = .venv/bin/python -m pip --disable-pip-version-check --quiet
# matplotlib keeps its list of fonts there, not in the home directory
PLOTS = MPLCONFIGDIR=bench/results/matplotlib
UV = .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-annotate --custom-compile-command 'make lock' $(UPGRADE)

help:
	@echo 'make demo [PORT=8000]   the proxy and recorded vendors on this machine; Ctrl-C ends it'
	@echo 'make test [ARGS=...]    the test suite'
	@echo 'make check              style, types and import contracts'
	@echo 'make format             put the code into the style that `make check` wants'
	@echo 'make bench              what the proxy costs, measured against other programs on this machine'
	@echo 'make load [ARGS=...]    many people at the map, an outage and restarts; --seconds 10 makes it short'
	@echo 'make fixtures           record the fixtures anew from real servers (see fixtures/README.md)'
	@echo 'make reference          write the reference of the layer file anew from its model'
	@echo 'make lock [UPGRADE=-U]  work out the lock files anew from pyproject.toml'
	@echo 'make clean              remove the environment and everything else that can be made again'
	@echo 'PYTHON=python3.12 names another Python for a new environment.'

demo: $(RUN)
	@.venv/bin/wfs-proxy demo --port $(PORT)

test: $(DEV)
	@$(PLOTS) .venv/bin/python -m pytest -n auto --dist loadfile $(ARGS)

check: $(DEV)
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports

format: $(DEV)
	.venv/bin/ruff check --fix
	.venv/bin/ruff format

bench: $(DEV)
	@$(PLOTS) .venv/bin/python -m bench

load: $(DEV)
	@$(PLOTS) .venv/bin/python -m bench.load $(ARGS)

fixtures: $(DEV)
	@.venv/bin/python -m fixtures.record
	@.venv/bin/python -m fixtures.pack

reference: $(DEV)
	@.venv/bin/python -m docs.reference

lock: $(DEV)
	$(UV) pyproject.toml -o requirements.lock
	$(UV) --group build -c requirements.lock -o requirements-build.lock
	$(UV) pyproject.toml --group build --group dev -c requirements.lock -c requirements-build.lock -o requirements-dev.lock

clean:
	rm -rf .venv build dist bench/results .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# A stamp is touched when its install succeeded, so an interrupted one is done again and a changed lock file is heeded.
$(RUN): requirements.lock requirements-build.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { \
	  echo '$(PYTHON) is not there, or is no Python 3.11, 3.12 or 3.13. Install one, or name one that you have: make $(MAKECMDGOALS) PYTHON=python3.12' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { \
	  echo 'This Python cannot make environments. On Debian and Ubuntu: sudo apt install python3-venv' >&2; exit 1; }
	@.venv/bin/python -m pip --version >/dev/null 2>&1 || { echo 'Making the environment .venv ...'; $(PYTHON) -m venv --clear .venv; }
	@echo 'Installing what the proxy needs into .venv (once; a minute or so) ...'
	@$(PIP) install --require-hashes -r requirements.lock -r requirements-build.lock || { $(NOT_INSTALLED) }
	@$(PIP) install --no-deps --no-build-isolation --no-index -e . || { $(NOT_INSTALLED) }
	@touch $@

$(DEV): $(RUN) requirements-dev.lock
	@echo 'Installing what the tests need into .venv (once) ...'
	@$(PIP) install --require-hashes -r requirements-dev.lock || { $(NOT_INSTALLED) }
	@touch $@

NOT_INSTALLED = echo 'The packages could not be installed; pip says why above. Is there a network connection? Behind a proxy, set HTTPS_PROXY. Then run make again.' >&2; exit 1;
