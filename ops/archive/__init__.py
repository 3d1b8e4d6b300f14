"""Keeps the archive whole: sweeps for what was missed, lists what is final, verifies all of it."""
