"""The use cases, called without HTTP."""
