"""The other side of the ports, for real: it does each thing once per key, and keeps count."""

import asyncio
import json
import random
from collections import Counter
from dataclasses import dataclass, field

from tests.support.receiver import ReceivedRequest, Receiver, Reply

SLOW = 1.0
"""Seconds at most between doing and answering: there a caller may die, and ask again."""


@dataclass
class Books(Receiver):
    """Payments that answer as `activities.connected` asks, and a webhook for notices.

    `done` are the references by idempotency key, `asked` how often each was received, `told` how
    often each notice came, `owed` are the keys whose first answer is not given yet.
    """

    done: dict[str, str] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)
    owed: set[str] = field(default_factory=set)
    chance: random.Random = field(default_factory=lambda: random.Random(7))

    async def reply(self, received: ReceivedRequest) -> Reply:
        """Done at once if it is new, answered a little later."""
        if notice := received.headers.get("webhook-id"):
            self.told[notice] += 1
            return Reply()
        key = received.headers["idempotency-key"]
        self.asked[key] += 1
        if key not in self.done:
            self.done[key] = f"paid-{len(self.done)}"
            self.owed.add(key)
        await asyncio.sleep(self.chance.uniform(0, SLOW))
        self.owed.discard(key)
        return Reply(200, json.dumps({"reference": self.done[key]}))
