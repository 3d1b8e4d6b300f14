"""The engine: what a case is, how it moves, and what may be done with its task."""
