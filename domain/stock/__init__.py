"""The stock aggregate: one SKU at one location, with its own waiting list.

No reservation ever makes availability negative.
"""
