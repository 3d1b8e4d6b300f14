"""One small interface per outside system, with its local and its HTTP version."""
