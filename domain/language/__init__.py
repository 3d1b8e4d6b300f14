"""The language of processes and histories: tables, roles, forms, effects, clocks, entries."""
