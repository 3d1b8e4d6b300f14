"""Improvement measures over HTTP."""
