"""Keeps the archive complete: sweeps ended runs, lists what is final, verifies all of it."""
