"""What operators do, on a real engine."""
