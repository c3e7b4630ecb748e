"""Changes of the tables over time (Alembic); each runs once, on SQLite and PostgreSQL alike."""
