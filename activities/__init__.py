"""What a case does to the world: record entries, notify the customer, refund, send, archive."""
