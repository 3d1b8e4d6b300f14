"""Outbox messages as CloudEvents, without anything personal in them."""

import json

from store.outbox.records import OutboxMessage

CONTENT_TYPE = "application/cloudevents+json"
UNKNOWN = "noticed"
"""The event type of a message whose entry is not in the store, as while that is rebuilt."""


def cloud_event(message: OutboxMessage) -> str:
    """Return the message as JSON (CloudEvents 1.0). `sequence` orders the events of one case."""
    return json.dumps(
        {
            "specversion": "1.0",
            "id": message.id,
            "type": f"banjie.case.{message.happened or UNKNOWN}.v1",
            "source": f"/banjie/{message.tenant}",
            "subject": message.number,
            "time": message.at.isoformat().replace("+00:00", "Z"),
            "sequence": f"{message.seq:010d}",
            "datacontenttype": "application/json",
            "data": {
                "number": message.number,
                "seq": message.seq,
                "step": message.step,
                "state": message.led_to,
                "notice": message.template,
                "to": message.to,
            },
        },
        separators=(",", ":"),
    )
