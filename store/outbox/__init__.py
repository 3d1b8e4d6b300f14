"""Messages to others, and what became of them."""
