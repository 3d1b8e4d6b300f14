"""Cases that stand still for a technical reason, and retrying them."""
