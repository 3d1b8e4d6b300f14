"""What operators do with the system: verify that nothing was lost, doubled or bent."""
