"""The lead's board: what is open, due, broken, and whose."""
