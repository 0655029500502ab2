# Every target sets up what it needs; Python 3.11 or newer is all that must be there.

BIN := .venv/bin
NEWEST := .venv-newest/bin
VOTE := consensus -v -p local -n 9 --no-marker --choices Tokyo,Kyoto,Osaka --max-tokens 48 \
  "What is the capital of Japan?"

.PHONY: help demo test test-newest check docs bench completions clean

help:
	@echo "make demo         a vote among nine answers of the embedded model"
	@echo "make test         all tests, on the oldest Python found here that kit supports"
	@echo "make test-newest  all tests, on the newest Python found here"
	@echo "make check        lint, format, types, docs"
	@echo "make docs         docs/ as a site, in build/docs"
	@echo "make bench        the benchmarks"
	@echo "make completions  write completions/, man/ and docs/commands.md again"
	@echo "make clean        remove what the others made here"

.venv/.stamp: pyproject.toml scripts/python.sh scripts/venv.sh
	@scripts/venv.sh .venv oldest

.venv-newest/.stamp: pyproject.toml scripts/python.sh scripts/venv.sh
	@scripts/venv.sh .venv-newest newest

# Nothing of the user's is read or written, but the weights in the cache. stdout: the answer alone.
demo: .venv/.stamp
	@mkdir -p .venv/demo && touch .venv/demo/config.toml
	@$(BIN)/kit local install >&2
	@echo '$$ kit $(VOTE)' >&2
	@KIT_CONFIG=.venv/demo/config.toml KIT_STATE_DIR=.venv/demo $(BIN)/kit $(VOTE)

test: .venv/.stamp
	@$(BIN)/kit local install >&2
	$(BIN)/python -m pytest -n auto --dist worksteal

test-newest: .venv/.stamp
	@if [ "$$(scripts/python.sh oldest)" = "$$(scripts/python.sh newest)" ]; then \
	  echo "one Python here: nothing to test a second time"; \
	else \
	  $(MAKE) --no-print-directory .venv-newest/.stamp && \
	  $(NEWEST)/python --version && $(NEWEST)/python -m pytest -n auto --dist worksteal; \
	fi

check: .venv/.stamp
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	@$(MAKE) --no-print-directory docs

# Anew each time: what Sphinx kept of the last build would also keep its warnings to itself.
docs: .venv/.stamp
	@rm -rf build/docs build/docs.read
	$(BIN)/python -m sphinx -W --keep-going -n -q -d build/docs.read docs build/docs
	@echo "build/docs/index.html"

bench: .venv/.stamp
	$(BIN)/python -m benchmarks

completions: .venv/.stamp
	$(BIN)/python scripts/completions.py
	$(BIN)/python scripts/manual.py
	$(BIN)/python scripts/reference.py

clean:
	rm -rf .venv .venv-newest build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find kit tests scripts benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
