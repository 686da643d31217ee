"""Composition root of Ordertrail: settings, wiring, command line, embedded servers."""
