"""Log and index in memory, for tests; they pass the contract tests of the real ones."""
