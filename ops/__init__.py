"""What operators do to running and finished cases."""
