# Two commands are all a newcomer needs: `make run` and `make test`. Both set up what they use.
UV = .tools/bin/uv run --frozen --no-sync
export RASA_TELEMETRY_ENABLED = false
# Without compiled libraries every start of a process compiles Rasa anew: five seconds each.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test setup lint types evaluate

run: setup  ## train if needed, start the assistant, print where to go
	@$(UV) bot serve

test: setup lint types  ## everything that CI checks; with a PostgreSQL, a browser and an office (scripts/)
	@$(UV) bot validate
	@$(UV) pytest -q -n 2 --dist loadgroup --no-loadscope-reorder

setup:
	@PYTHON="$(PYTHON)" scripts/setup.sh

lint: setup
	@$(UV) ruff check --quiet .
	@$(UV) ruff format --check --quiet .

types: setup
	@$(UV) mypy
