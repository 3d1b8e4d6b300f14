"""Steps over HTTP."""
