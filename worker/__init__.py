"""Builds and runs the Temporal worker and the dispatcher of the outbox."""

from policies.documents import hand_in

hand_in()
