"""What concerns the visitor alone: their sessions and their password."""
