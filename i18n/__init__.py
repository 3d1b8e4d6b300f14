"""Message catalogues, and what codes are called in each language."""
