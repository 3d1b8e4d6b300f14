"""The dispatcher, the webhooks and the ports, against real receivers."""
