"""The log in PostgreSQL, and the migrations of every schema."""
