"""The worker and the dispatcher as processes, webhooks and ports against real receivers."""
