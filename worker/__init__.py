"""Builds and runs the Temporal worker."""
