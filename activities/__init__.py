"""What a case does to the world: record what happened, tell the customer, refund, send."""
