"""Builds and runs the Temporal worker and the dispatcher of the outbox."""
