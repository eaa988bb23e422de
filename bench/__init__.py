"""How fast, and what it costs: measured on the work W, against the bare floor and a naive engine.

`python -m bench --quick` prints everything in one run. See `docs/benchmarks.md`.
"""
