"""What changed, in the order in which open pages hear of it."""
