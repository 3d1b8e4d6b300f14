"""The read model of cases: rows, entries, tasks, clocks, counts, hashes."""
