"""Improvement measures: whose they are, and which are due."""
