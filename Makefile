# `make help` lists the targets. They use the virtual environment .venv in this folder and write nothing outside this
# folder except pip's cache.

.POSIX:
.SUFFIXES:
.PHONY: help demo test ogctests pygeoapi check format bench load lock fixtures reference screenshots spectral koop clean

PORT ?= 8000
PYTHON = python3
RUN = .venv/.running
DEV = .venv/.developing
PIP = .venv/bin/python -m pip --disable-pip-version-check --quiet
OGCTESTS = .venv/ogctests/.installed
PYGEOAPI = .venv/pygeoapi/.installed
# matplotlib writes its font list there instead of in the home directory
PLOTS = MPLCONFIGDIR=bench/results/matplotlib
UV = .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-annotate --custom-compile-command 'make lock' $(UPGRADE)

help:
	@echo 'make demo [PORT=8000]   run the proxy with recorded vendors on this machine; Ctrl-C stops it'
	@echo 'make test [ARGS=...]    run the test suite'
	@echo 'make ogctests           install the conformance tests of OGC API Features, which make test then runs'
	@echo 'make pygeoapi           install a server of OGC API Features that others wrote, which make test then reads'
	@echo 'make check              check style, types and import contracts'
	@echo 'make format             format the code'
	@echo 'make bench              measure the speed of the proxy against other programs on this machine'
	@echo 'make load [ARGS=...]    run the load test (many users, an outage, restarts); ARGS="--seconds 10" for a short one'
	@echo 'make fixtures           record the fixtures again from real servers (see fixtures/README.md)'
	@echo 'make reference          generate the reference of the layer file from its model'
	@echo 'make screenshots        make the screenshots of docs/beginnen.md again'
	@echo 'make spectral           install the linter of OpenAPI documents that a test uses (needs npm)'
	@echo 'make koop               install Koop, an ArcGIS feature service that a test reads (needs npm)'
	@echo 'make lock [UPGRADE=-U]  update the lock files from pyproject.toml; UPGRADE=-U upgrades all packages'
	@echo 'make clean              remove the environment and all generated files'
	@echo 'Add PYTHON=python3.12 to create the environment with another Python.'

demo: $(RUN)
	@.venv/bin/wfs-proxy demo --port $(PORT)

test: $(DEV)
	@$(PLOTS) .venv/bin/python -m pytest -n auto --dist loadfile $(ARGS)

ogctests: $(OGCTESTS)

pygeoapi: $(PYGEOAPI)

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

screenshots: $(DEV)
	@SCREENSHOTS=docs/images .venv/bin/python -m pytest -q tests/pages/test_first_steps.py

# version and folder of the linter; tests/support/needs.py looks there
spectral:
	@npm install --prefix .spectral --no-package-lock --no-audit --no-fund --loglevel=error @stoplight/spectral-cli@6.16.3

# the lock file names no registry, so npm uses the configured one; tests/support/needs.py looks in this folder
koop:
	@mkdir -p .koop && cp tests/support/koop/package.json tests/support/koop/package-lock.json .koop
	@npm ci --prefix .koop --legacy-peer-deps --ignore-scripts --no-audit --no-fund --loglevel=error

lock: $(DEV)
	$(UV) pyproject.toml --extra files -o requirements.lock
	$(UV) --group build -c requirements.lock -o requirements-build.lock
	$(UV) pyproject.toml --extra files --group build --group dev -c requirements.lock -c requirements-build.lock -o requirements-dev.lock
	$(UV) --group ogctests -o requirements-ogctests.lock
	$(UV) --group pygeoapi -o requirements-pygeoapi.lock

clean:
	rm -rf .venv .spectral .koop build dist bench/results .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# A stamp file is touched after a successful installation, so that make repeats an interrupted installation and installs
# again after a change of a lock file.
$(RUN): requirements.lock requirements-build.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { \
	  echo '$(PYTHON) was not found or is not Python 3.11, 3.12 or 3.13. Install one of these, or choose an installed one: make $(MAKECMDGOALS) PYTHON=python3.12' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { \
	  echo 'This Python cannot create virtual environments. On Debian and Ubuntu: sudo apt install python3-venv' >&2; exit 1; }
	@.venv/bin/python -m pip --version >/dev/null 2>&1 || { echo 'Creating the virtual environment .venv ...'; $(PYTHON) -m venv --clear .venv; }
	@echo 'Installing the dependencies of the proxy into .venv (once, about a minute) ...'
	@$(PIP) install --require-hashes -r requirements.lock -r requirements-build.lock || { $(NOT_INSTALLED) }
	@$(PIP) install --no-deps --no-build-isolation --no-index -e . || { $(NOT_INSTALLED) }
	@touch $@

$(DEV): $(RUN) requirements-dev.lock requirements-schemas.lock
	@echo 'Installing the development tools into .venv (once) ...'
	@$(PIP) install --require-hashes -r requirements-dev.lock || { $(NOT_INSTALLED) }
	@$(PIP) install --require-hashes --no-deps --upgrade --target .venv/schemas -r requirements-schemas.lock || { $(NOT_INSTALLED) }
	@touch $@

# They need older versions of some packages than the proxy, so they have an environment of their own.
$(OGCTESTS): $(RUN) requirements-ogctests.lock
	@echo 'Installing the conformance tests of OGC API Features into .venv/ogctests (once) ...'
	@$(PYTHON) -m venv --clear .venv/ogctests
	@.venv/ogctests/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r requirements-ogctests.lock || { $(NOT_INSTALLED) }
	@touch $@

$(PYGEOAPI): $(RUN) requirements-pygeoapi.lock
	@echo 'Installing pygeoapi into .venv/pygeoapi (once) ...'
	@$(PYTHON) -m venv --clear .venv/pygeoapi
	@.venv/pygeoapi/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r requirements-pygeoapi.lock || { $(NOT_INSTALLED) }
	@touch $@

NOT_INSTALLED = echo 'The packages could not be installed; see the error of pip above. Is there a network connection? Behind a proxy, set HTTPS_PROXY. Then run make again.' >&2; exit 1;
