"""What others are told of a case: a CloudEvent without anything personal in it."""

import json

from store.outbox.records import OutboxMessage

CONTENT_TYPE = "application/cloudevents+json"
UNKNOWN = "noticed"
"""The type where the entry behind a letter is not there, while a projection is built anew."""


def cloud_event(letter: OutboxMessage) -> str:
    """The event as JSON (CloudEvents 1.0). `sequence` orders the events of one case."""
    return json.dumps(
        {
            "specversion": "1.0",
            "id": letter.id,
            "type": f"banjie.case.{letter.happened or UNKNOWN}.v1",
            "source": f"/banjie/{letter.tenant}",
            "subject": letter.number,
            "time": letter.at.isoformat().replace("+00:00", "Z"),
            "sequence": f"{letter.seq:010d}",
            "datacontenttype": "application/json",
            "data": {
                "number": letter.number,
                "seq": letter.seq,
                "step": letter.step,
                "state": letter.led_to,
                "notice": letter.template,
                "to": letter.to,
            },
        },
        separators=(",", ":"),
    )
