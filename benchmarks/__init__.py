"""How fast the product is and how much it holds, in one run. `python -m benchmarks`, or `make bench`.

Decides: what is measured and what must hold. The write path is measured against the same route without a log, in turn
on the same machine, because absolute figures move by a factor of two between runs; what people wait for (whole orders,
rebuild, verify) against an amount. Uses the product's own parts, nothing made for measuring.
"""
