"""What is to be told to others, and what became of it."""
