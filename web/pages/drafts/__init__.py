"""What people typed and did not send."""
