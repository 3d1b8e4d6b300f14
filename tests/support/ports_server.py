"""The outside systems behind the ports: they do each thing once per key, and keep count."""

import asyncio
import json
from collections import Counter
from dataclasses import dataclass, field
from random import Random

from tests.support.receiver import ReceivedRequest, Receiver, Reply

MAX_DELAY = 1.0
"""Seconds at most between doing and answering; a caller may die in between, and ask again."""


@dataclass
class PortsServer(Receiver):
    """Payments, as `activities/ports/http_ports.py` expects them, and a webhook for notices.

    `references` are by idempotency key, `requests_by_key` says how often each was received and
    `deliveries` how often each notice came; `unanswered` are the keys whose first answer is not
    given yet.
    """

    references: dict[str, str] = field(default_factory=dict)
    requests_by_key: Counter[str] = field(default_factory=Counter)
    deliveries: Counter[str] = field(default_factory=Counter)
    unanswered: set[str] = field(default_factory=set)
    delays: Random = field(default_factory=lambda: Random(7))

    async def reply(self, received: ReceivedRequest) -> Reply:
        """Do a new request at once, and answer a little later."""
        if notice := received.headers.get("webhook-id"):
            self.deliveries[notice] += 1
            return Reply()
        key = received.headers["idempotency-key"]
        self.requests_by_key[key] += 1
        if key not in self.references:
            self.references[key] = f"paid-{len(self.references)}"
            self.unanswered.add(key)
        await asyncio.sleep(self.delays.uniform(0, MAX_DELAY))
        self.unanswered.discard(key)
        return Reply(200, json.dumps({"reference": self.references[key]}))
