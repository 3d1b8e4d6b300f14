"""Object-centric event logs (OCEL 2.0): one SQLite file, and the same as JSON."""
