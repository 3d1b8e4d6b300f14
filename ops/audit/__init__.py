"""Tamper evidence: the ledger is sealed into a signed tree, verified, and proved to others."""
