"""What a case does to the world, given its tools."""
