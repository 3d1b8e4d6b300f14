"""Tamper evidence: the audit log is sealed into a signed tree, verified, and proved to others."""
