"""The order aggregate: one order is one stream, from placing to completion."""
