"""Batches: one step for many cases."""
