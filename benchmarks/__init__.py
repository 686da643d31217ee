"""The write path measured against itself without a log, in one run. `python -m benchmarks`, or `make bench`.

Decides: what is measured and what must hold. Every figure is a ratio of two things measured in turn on the same
machine, because absolute figures move by a factor of two between runs. Uses the product's own parts, nothing made for
measuring.
"""
