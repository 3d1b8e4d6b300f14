"""What the lead's board and the charts count."""
