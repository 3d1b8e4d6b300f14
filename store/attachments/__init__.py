"""Attachments: which there are, and where their content lies."""
