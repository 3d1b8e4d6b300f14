"""Customers: the one home of personal data."""
