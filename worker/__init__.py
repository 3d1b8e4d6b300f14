"""Builds and runs the Temporal worker and the outbox dispatcher."""
