# The project's verbs. `just` comes from the rust-just wheel in requirements-dev.lock.

export PATH := justfile_directory() / ".venv/bin:" + env("PATH")

# List the verbs.
default:
    @just --list

# Lint, types, import contracts and fast tests: under two minutes.
check:
    ruff check .
    ruff format --check .
    lint-imports
    mypy
    pytest -n 2 tests/fast tests/screens/test_untrusted_text.py

# Everything that needs no container.
test: check
    pytest -n 2 --dist loadgroup -rs tests/screens tests/contracts
    pytest -n 2 --dist loadscope -rs tests/adapter_suite
    pytest -rs tests/end_to_end

# The images of the stacks of containers, from package registries alone; what is built already stays.
images *names:
    python stacks/images/build.py {{names}}

# Everything that needs containers: a Docker daemon, and `just images` before.
test-stacks:
    pytest -n 2 --dist loadgroup -rs tests/stack

# Everything that needs another engine, in an environment of its own: `.ci/slow` makes that and calls this.
test-slow:
    pytest -rs tests/slow

# The app's pictures, after a wanted change: look at each before committing.
screens:
    pytest -n 2 tests/screens --snapshot-update

# Locks for all platforms; they name hashes and no download address.
lock:
    uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-header --no-annotate pyproject.toml -o requirements.lock
    uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-header --no-annotate --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock

# Pages of the docs that are generated from the code.
docs:
    python -m floe_bench.cli.reference > docs/reference/cli.md
    python -m floe_bench.tui.key_reference > docs/reference/keys.md

# Fill docs/benchmarks.md with figures from this machine, all or the named ones; it should have nothing else to do.
bench *names:
    python benchmarks/record.py {{names}}

# A wheel with demo, stacks and dbt adapter inside.
wheel:
    uv build --wheel

# The tutorials' outputs and pictures, from a real run.
tutorial *pages:
    python docs/record.py {{ pages }}
