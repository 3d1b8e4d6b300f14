"""How Temporal is set up for us: the namespace, the search attributes, the schedules."""

from datetime import timedelta

from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from cases.common.policy import REOPEN_WINDOW
from ops.doctor.findings import Finding, ok, warning, wrong
from workflows.names import SEARCH_ATTRIBUTES

MARGIN = timedelta(days=1)
CHORES = {"sweep": "banjie archive sweep", "reconcile": "banjie store reconcile"}
"""What is to be done by a schedule, and the command that makes it."""


async def namespace(client: Client) -> Finding | None:
    """How long it keeps what is over; None if it is not there."""
    name = client.namespace
    try:
        told = await client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace=name)
        )
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return None
    kept = told.config.workflow_execution_retention_ttl.ToTimedelta()
    if kept < REOPEN_WINDOW + MARGIN:
        said = f"Finished runs are forgotten after {kept.days} days; a sweep may come too late."
        mend = f"temporal operator namespace update --namespace {name} --retention 720h"
        return warning("namespace", said, mend)
    return ok("namespace", f"{name} keeps finished runs for {kept.days} days.")


async def attributes(client: Client) -> list[Finding]:
    """Whether cases can be started."""
    told = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    missing = [each.name for each in SEARCH_ATTRIBUTES if each.name not in told.custom_attributes]
    if not missing:
        return [ok("search attributes", "They are registered.")]
    options = " ".join(f"--name {name} --type Keyword" for name in missing)
    return [
        wrong(
            "search attributes",
            f"{' and '.join(missing)} are not registered, so every start is refused.",
            f"temporal operator search-attribute create --namespace {client.namespace} {options}",
        )
    ]


async def schedules(client: Client) -> list[Finding]:
    """Whether what is to be done nightly is done."""
    there = {each.id async for each in await client.list_schedules()}
    missing = [chore for chore in CHORES if f"banjie-{chore}" not in there]
    if not missing:
        return [ok("schedules", f"{' and '.join(CHORES)} are done by schedules.")]
    mend = "Make them: " + "; ".join(f"{CHORES[chore]} --every 24h" for chore in missing) + "."
    said = f"Nothing does {' and '.join(missing)} regularly."
    return [warning("schedules", said, mend)]
