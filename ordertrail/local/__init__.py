"""Starts foreign processes on this machine: PostgreSQL, Kafka, and our own as children."""
