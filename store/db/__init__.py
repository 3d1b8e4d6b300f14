"""The database itself: engine, sessions, column types, migrations."""
