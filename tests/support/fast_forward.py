"""Moves the time of one running case on a real dev server."""

from datetime import timedelta

from temporalio.client import Client
from temporalio.testing import TimeSkipper

FORWARDING = ("--dynamic-config-value", "frontend.WorkflowTimeSkippingEnabled=true")
"""Options that the server must be started with; they and the client's part are experimental."""


async def fast_forward(client: Client, number: str, time: timedelta) -> None:
    """Let this much time pass for one case, through all its runs."""
    await TimeSkipper(client).fast_forward(client.get_workflow_handle(number), time)
