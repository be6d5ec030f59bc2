PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test check bench torture pictures catalogs constraints clean
.DEFAULT_GOAL := demo

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "octui needs Python 3.11 or newer: make PYTHON=python3.13")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

$(STAMP)-dev: $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

demo: $(STAMP)  ## open the demo center
	$(BIN)/octui demo

test: check  ## every check and every test
	$(BIN)/python -m pytest -n 3 --dist loadgroup

check: $(STAMP)-dev  ## style, types, imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMP)-dev  ## the budgets of architecture.md 7, as ratios in one run
	$(BIN)/python tests/bench/run.py

torture: $(STAMP)-dev  ## 200,000 agent-hours of the program and of the second reckoner, second by second; mutants of the rules; a wall with faults
	$(BIN)/python tests/torture/mutants.py
	$(BIN)/python tests/torture/wall.py
	$(BIN)/python tests/torture/run.py

pictures: $(STAMP)-dev  ## the pictures in the README and docs, drawn by the program
	$(BIN)/python docs/pictures.py
	$(BIN)/python docs/wall_pictures.py

catalogs: $(STAMP)-dev  ## message catalogs from the source texts
	$(BIN)/python src/octui/ui/locale/build.py

constraints:  ## renew constraints.txt from the newest allowed versions
	$(PYTHON) -m venv $(VENV)-new
	$(VENV)-new/bin/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	(echo '# Exact versions of everything octui and its checks install. Change with: make constraints'; \
	 $(VENV)-new/bin/python -m pip freeze --exclude-editable) > constraints.txt
	rm -rf $(VENV)-new

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
