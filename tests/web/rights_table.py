"""Who may: a row for each way into the system, with the answer for everybody and every thing.

A row has a letter for each of a person's own thing, a colleague's, another tenant's, and one that
is not there; a single letter if it is about no thing:

    s  they get through: they are shown it, or it is done, or what they sent is wrong in itself
    r  refused, 403
    w  told that what they sent is wrong, as where it names what is not there for them
    n  not found, 404: it does not exist, or not for them
    l  they are asked to log in
    -  as if it were done, and nothing is: what is not theirs does not exist for them

What holds for all roles stands first, then those to whom another answer is given.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from cases.common.roles import (
    ADMINISTRATOR,
    AUDITOR,
    BATCH_ROLES,
    DESK,
    HANDLERS,
    LEAD,
    MANAGEMENT,
    MANAGERS,
    OPS,
    POLICY_ROLES,
    SERVICE_MANAGER,
    STORE_MANAGER,
    VENDOR,
)
from domain.language.roles import Roles
from store.changes.records import ChangeName
from tests.web.rights import Answers, Row, but

SOON: Final = (datetime.now(UTC) + timedelta(hours=3)).isoformat()
ORDER: Final = {"lines": [{"line": "1", "product": "P-1"}]}
SEEN: Final = "999 999 2999-01-01T00:00:00+00:00"
"""What a page carries to which nothing is new."""
READ_OPS: Final = ADMINISTRATOR | OPS | AUDITOR
OPERATE: Final = ADMINISTRATOR | OPS
BOARD: Final = LEAD | MANAGERS | ADMINISTRATOR
READ_BATCHES: Final = BATCH_ROLES | OPS | AUDITOR
FRONT: Final = DESK | SERVICE_MANAGER | MANAGEMENT
"""Who takes cases in."""
PUBLIC: Final = HANDLERS | STORE_MANAGER
CORRECT: Final = PUBLIC | ADMINISTRATOR
START: Final = but(VENDOR, AUDITOR)

ANYBODY: Final = Answers("s", system="s", nobody="s")
NOT_HERE: Final = Answers("n", nobody="n")
STAFF: Final = Answers("s")
ANY_KEY: Final = Answers("s", system="s")
CASE: Final = Answers("ssnn", {VENDOR: "snnn"}, system="snnn")


def only(roles: Roles, *, thing: bool = False, **more: str) -> Answers:
    """Return that those with these roles may, and all others are refused, whatever it is."""
    no, yes = ("rrrr", "ssnn") if thing else ("r", "s")
    return Answers(no, {roles: yes}, **more)


def of_case(roles: Roles, *, system: str = "rnnn") -> Answers:
    """Return that of those who see the case these may, and for others it is not there."""
    vendor = "snnn" if VENDOR.names <= roles.names else "rnnn"
    return Answers("rrnn", {VENDOR: vendor, roles: "ssnn"}, system)


def of_task(roles: Roles) -> Answers:
    """Return that these may do something with a task; only they hear who holds a colleague's."""
    return Answers("rrnn", {VENDOR: "rnnn", roles: "ssnn"}, "rnnn")


DUTY: Final = Answers("srrr", {BOARD: "ssnn"})
"""All come and go by themselves."""
ANY_THING: Final = Answers("ssss", stranger="ss")
"""All may ask, and are shown what they see."""
CUSTOMER: Final = Answers("rrrr", {START: "ssss"}, stranger="ss")
RECORDS_FOUND: Final = Answers("ssss", {VENDOR: "rrrr"}, stranger="ss")
RECORD: Final = Answers("ssnn", {VENDOR: "rrrr"})
MANY: Final = Answers("rrrr", {BATCH_ROLES: "ssss"}, stranger="ss")
"""They are named on the form; what becomes of each, the batch says."""
OWN_ONLY: Final = Answers("snnn")
TEAM_VIEWS: Final = Answers("rnnn", {BOARD: "snnn"})
CLAIM: Final = Answers("rrnn", {VENDOR: "rnnn", FRONT: "ssnn"})
STEPS: Final = Answers("rrnn", {VENDOR: "rnnn", FRONT: "ssnn"}, "rnnn")
ON_REQUEST: Final = Answers("ssnn", {VENDOR: "snnn"}, "rnnn")
"""The task is a case's own, so all staff who see it are told that it is no request."""
ASK_A_TEAM: Final = replace(of_task(HANDLERS), stranger="ww")
"""Another tenant has no such team."""
APPROVAL_REQUEST: Final = {"amount": {"amount": "1"}, "reason": "x"}
ASSISTANCE_REQUEST: Final = {"team": "rights", "question": "x", "due_at": SOON}
TEAM_VIEW: Final = {"name": "x", "query": "view=mine", "team": "rights"}
UNMERGE: Final = Answers("ssnn", {VENDOR: "snnn"}, "rnnn")
"""The case is not merged, which all staff who see it are told."""
PUBLIC_COMMENT: Final = {"body": "x", "visibility": "public"}
INTERNAL_COMMENT: Final = {"body": "x", "visibility": "internal"}
ATTACH: Final = of_case(but(AUDITOR), system="snnn")
ATTACH_PUBLICLY: Final = of_case(PUBLIC, system="snnn")
PUBLIC_FILE: Final = {"name": "x.pdf", "visibility": "public"}
FOR_CUSTOMER: Final = {"audience": "customer"}
ERASE: Final = Answers("rrnn", {VENDOR: "rnnn", BOARD: "nnnn"}, "rnnn")
"""The first entry of a case is no attachment, so whoever may erase finds none."""
CALL_BACK: Final = Answers("srnn", {VENDOR: "snnn", LEAD | MANAGERS: "ssnn"})
"""Its author may, and leads who see the case."""
DUPLICATES: Final = Answers("ssnn", {VENDOR: "rnnn"}, system="rnnn")
MERGE_NOWHERE: Final = {"into": "TS202603024829107", "reason": "x"}
"""Whoever may would be told that there is no such case."""
VIP: Final = {"tier": "vip", "reason": "x"}
NO_REWIND: Final = {"to": 99, "clocks": "go_on", "reason": "x"}
INVITE: Final = Answers("rrrr", {ADMINISTRATOR: "ssww"}, stranger="ww")
ACCEPT: Final = {"step": "accept", "form": {}}

API: Final = (
    Row("GET /livez", ANYBODY),
    Row("GET /readyz", ANYBODY),
    Row("GET /metrics", ANYBODY),
    Row("GET /metrics/system", ANYBODY),
    Row("GET /openapi.json", ANYBODY),
    Row("GET /v1/cases", ANY_KEY),
    Row("POST /v1/cases", only(START, system="s"), "new"),
    Row("POST /v1/cases:bulk", only(START, system="s"), "many"),
    Row("POST /v1/cases:import", only(ADMINISTRATOR), "import"),
    Row("GET /v1/cases/{number}", CASE),
    Row("GET /v1/cases/{number}/history", CASE),
    Row("GET /v1/cases/{number}/diff", CASE),
    Row("GET /v1/cases/{number}/duplicates", DUPLICATES),
    Row("GET /v1/cases/{number}/flow", CASE),
    Row("GET /v1/cases/{number}/record", CASE),
    Row("GET /v1/cases/{number}/notices", CASE),
    Row("GET /v1/cases/{number}/clocks", CASE),
    Row("GET /v1/cases/{number}/archive", CASE),
    Row("GET /v1/cases/{number}/archive/none", Answers("nnnn", system="nnnn")),
    Row("GET /v1/cases/{number}/comments", CASE),
    Row("GET /v1/cases/{number}/rewind?to=1", Answers("ssnn", {VENDOR: "rnnn"})),
    Row("POST /v1/cases/{number}/comments", of_case(PUBLIC, system="snnn"), PUBLIC_COMMENT),
    Row("POST /v1/cases/{number}/comments", of_case(but(AUDITOR)), INTERNAL_COMMENT),
    Row("POST /v1/cases/{number}/comments", of_case(but(AUDITOR), system="snnn"), {"body": "x"}),
    Row("POST /v1/cases/{number}/comments/read", of_case(PUBLIC)),
    Row("GET /v1/cases/{number}/attachments", CASE),
    Row("POST /v1/cases/{number}/attachments", ATTACH, {"name": "x.pdf"}, uploads=True),
    Row("POST /v1/cases/{number}/attachments", ATTACH_PUBLICLY, PUBLIC_FILE, uploads=True),
    Row("GET /v1/cases/{number}/attachments/1", Answers("nnnn", system="nnnn")),
    Row("DELETE /v1/cases/{number}/attachments/1?reason=x", ERASE),
    Row("GET /v1/tasks", STAFF),
    Row("GET /v1/tasks/{id}", Answers("ssnn", {VENDOR: "snnn"})),
    Row("POST /v1/tasks/{id}/assign", of_task(FRONT), {"assignee": "rights.who"}),
    Row("POST /v1/tasks/{id}/prioritise", of_task(FRONT), {"priority": "P1", "reason": "x"}),
    Row("POST /v1/tasks/{id}/limit", of_task(FRONT), {"limit": SOON, "reason": "x"}),
    Row("POST /v1/tasks/{id}/hold", of_task(FRONT), {"until": SOON, "reason": "x"}),
    Row("POST /v1/tasks/{id}/resume", of_task(FRONT), {}),
    Row("POST /v1/tasks/{id}/claim", of_task(FRONT), {}),
    Row("POST /v1/tasks/{id}/release", of_task(FRONT), {}),
    Row("POST /v1/cases/{number}/notify", of_task(HANDLERS), {"text": "x"}),
    Row("GET /v1/cases/{number}/requests", CASE),
    Row("POST /v1/cases/{number}/approval-requests", of_task(HANDLERS), APPROVAL_REQUEST),
    Row("POST /v1/cases/{number}/assistance-requests", ASK_A_TEAM, ASSISTANCE_REQUEST),
    Row("POST /v1/cases/{number}/chases", of_case(HANDLERS, system="snnn"), {"channel": "phone"}),
    Row("POST /v1/cases/{number}/merge", of_task(HANDLERS), MERGE_NOWHERE),
    Row("POST /v1/cases/{number}/unmerge", UNMERGE, {"reason": "x"}),
    Row("POST /v1/tasks/{id}/approve", ON_REQUEST, {}),
    Row("POST /v1/tasks/{id}/decline", ON_REQUEST, {"reason": "x"}),
    Row("POST /v1/tasks/{id}/answer", ON_REQUEST, {"answer": "x"}),
    Row("POST /v1/tasks/{id}/withdraw", ON_REQUEST, {}),
    Row("POST /v1/cases/{number}/rewind", of_case(MANAGERS), NO_REWIND),
    Row("POST /v1/cases/{number}/steps", STEPS, {"steps": [ACCEPT, ACCEPT]}),
    Row("POST /v1/cases/{number}/steps/accept", STEPS, {}),
    Row("GET /v1/mailbox", STAFF),
    Row("GET /v1/measures", only(but(VENDOR))),
    Row("GET /v1/orders/{id}", Answers("ssnn", {VENDOR: "snnn"}, system="snnn")),
    Row("PUT /v1/orders/order-of-all", only(ADMINISTRATOR, system="s"), ORDER),
    Row("POST /v1/orders:import", only(ADMINISTRATOR, system="s")),
    Row("GET /v1/customers?contact={contact}", RECORDS_FOUND),
    Row("GET /v1/customers/{customer}", RECORD),
    Row("GET /v1/customers/{customer}/versions", RECORD),
    Row(
        "PATCH /v1/customers/{customer}", only(CORRECT, thing=True), {"tier": "vip", "reason": "x"}
    ),
    Row(
        "POST /v1/customers/{customer}/merge",
        only(BOARD, thing=True),
        {"into": "cu-none", "reason": "x"},
    ),
    Row("POST /v1/customers/{customer}/unmerge", only(BOARD, thing=True), {"reason": "x"}),
    Row("GET /v1/batches", only(READ_BATCHES)),
    Row("POST /v1/batches", only(BATCH_ROLES), "batch"),
    Row("GET /v1/batches/{id}", only(READ_BATCHES, thing=True)),
    Row("GET /v1/batches/{id}/items", only(READ_BATCHES, thing=True)),
    Row("POST /v1/batches/{id}/cancel", only(BATCH_ROLES, thing=True)),
    Row("POST /v1/batches/{id}/retry", only(BATCH_ROLES, thing=True)),
    Row("GET /v1/policies", only(but(VENDOR))),
    Row("GET /v1/policies/none", Answers("r", {but(VENDOR): "n"})),
    Row("POST /v1/policies", only(POLICY_ROLES), {"document": "x", "reason": "x"}),
    Row("POST /v1/policies/none/release", Answers("r", {POLICY_ROLES: "n"}), {"reason": "x"}),
    Row("POST /v1/policies/none/apply", Answers("r", {POLICY_ROLES: "n"}), {"reason": "x"}),
    Row("POST /v1/policy:preview", only(but(VENDOR)), "new"),
    Row("POST /v1/policy:diff", only(POLICY_ROLES), {"policy": "2026-1"}),
    Row("GET /v1/kinds", ANY_KEY),
    Row("GET /v1/kinds/complaint", ANY_KEY),
    Row("GET /v1/kinds/complaint/flow", only(but(VENDOR))),
    Row("GET /v1/me", ANY_KEY),
    Row("GET /v1/staff", only(ADMINISTRATOR)),
    Row("POST /v1/staff", only(ADMINISTRATOR), {"id": "rights.x", "name": "x", "roles": ["x"]}),
    Row("PATCH /v1/staff/{id}", only(ADMINISTRATOR, thing=True), {"teams": ["rights"]}),
    Row("GET /v1/staff/{id}/profile", DUTY),
    Row("PATCH /v1/staff/{id}/profile", only(BOARD, thing=True), {"capacity": 1}),
    Row("PATCH /v1/staff/{id}/duty", DUTY, {"on_duty": True}),
    Row("POST /v1/staff/{id}/invite", INVITE, {}),
    Row("GET /v1/teams", only(ADMINISTRATOR)),
    Row("POST /v1/teams", only(ADMINISTRATOR), {"id": "complaints", "name": "x"}),
    Row("GET /v1/keys", only(ADMINISTRATOR)),
    Row("POST /v1/keys", only(ADMINISTRATOR), {"staff": "rights.who"}),
    Row("DELETE /v1/keys/{id}", only(ADMINISTRATOR, thing=True)),
)

INSTALLATION: Final = only(READ_OPS, stranger="n")
OPERATES_INSTALLATION: Final = only(OPERATE, stranger="n")


def incident(roles: Roles) -> Answers:
    """Return that these may, of whichever tenant: what fails in a case is the installation's."""
    return Answers("rrrr", {roles: "ssss"}, stranger="nn")


SITE: Final = (
    Row("GET /", ANYBODY),
    Row("GET /live", STAFF, is_stream=True),
    Row("GET /inbox", STAFF),
    Row("GET /inbox?view=all", STAFF),
    Row("GET /inbox/list?seen={number}:1:0", ANY_THING),
    Row("POST /inbox/claim", CLAIM, {"number": "{number}"}, about="case"),
    Row("POST /next?view=mine&kind=repair", STAFF),
    Row("GET /search?q={number}", ANY_THING),
    Row("GET /search?q={words}", ANY_THING, about="case"),
    Row("GET /search?q={contact}", ANY_THING, about="case"),
    Row("GET /batches/new?number={number}", MANY, about="case"),
    Row("POST /batches", only(BATCH_ROLES), {"numbers": "x", "step": "release", "reason": "x"}),
    Row("GET /measures", only(but(VENDOR))),
    Row("GET /board", only(BOARD)),
    Row("GET /charts", only(BOARD)),
    Row("GET /charts/arrivals.csv", only(BOARD)),
    Row("POST /views", STAFF, {"name": "x", "query": "view=mine"}),
    Row("POST /views", only(BOARD), TEAM_VIEW),
    Row("POST /views/{id}/remove", OWN_ONLY, about="view"),
    Row("POST /views/{id}/remove", TEAM_VIEWS, about="team view"),
    Row("GET /cases/{number}/arrival", CASE),
    Row("GET /cases/new", only(START)),
    Row("GET /cases/new/complaint", only(START)),
    Row("GET /cases/new/complaint?customer={customer}&parent={number}", CUSTOMER),
    Row("GET /cases/new/complaint/customer", only(START)),
    Row("GET /cases/new/complaint/customer?ref={customer}", CUSTOMER),
    Row("GET /cases/new/complaint/parents?/parent={number}", CUSTOMER, about="case"),
    Row("GET /cases/new/complaint/parent?number={number}", CUSTOMER),
    Row("GET /cases/new/complaint/order?/order={id}", CUSTOMER, about="order"),
    Row("GET /cases/new/complaint/order-field?id={id}", CUSTOMER, about="order"),
    Row("POST /cases/new/complaint", only(START), {"/channel": "phone", "request": "x"}),
    Row("GET /customers?text={contact}", CUSTOMER),
    Row("GET /customers/{customer}", RECORD),
    Row("POST /customers/{customer}", only(CORRECT, thing=True), {"name": "x", "reason": ""}),
    Row(
        "POST /customers/{customer}/merge",
        only(BOARD, thing=True),
        {"other": "cu-none", "reason": "x"},
    ),
    Row(
        "POST /customers/{customer}/unmerge",
        only(BOARD, thing=True),
        {"other": "cu-none", "reason": "x"},
    ),
    Row("GET /duplicates?/customer/ref={customer}", ANY_THING),
    Row("GET /cases/{number}", CASE),
    Row("GET /cases/{number}/parts", CASE),
    Row("GET /cases/{number}/timeline", CASE),
    Row("POST /cases/{number}/presence", CASE, {"writing": "true"}),
    Row("DELETE /cases/{number}/presence", Answers("ss--", stranger="--")),
    Row("GET /cases/{number}/duplicates", Answers("ssnn", {VENDOR: "rnnn"})),
    Row("GET /cases/{number}/picture", CASE),
    Row("GET /cases/{number}/record.pdf", CASE),
    Row("GET /cases/{number}/steps", CASE),
    Row("GET /cases/{number}/steps/notify", CASE),
    Row("GET /cases/{number}/rewind/1", Answers("ssnn", {VENDOR: "rnnn"})),
    Row("POST /cases/{number}/steps/notify", of_task(HANDLERS), {"/text": "x", "seen": SEEN}),
    Row("GET /cases/{number}/notes", of_case(but(AUDITOR))),
    Row("GET /cases/{number}/notes?audience=customer", of_case(PUBLIC)),
    Row("POST /cases/{number}/notes", of_case(but(AUDITOR)), {"/body": "x"}),
    Row("POST /cases/{number}/notes", of_case(PUBLIC), {"/body": "x", "audience": "customer"}),
    Row("POST /cases/{number}/read", of_case(PUBLIC)),
    Row("POST /cases/{number}/attachments", of_case(but(AUDITOR)), {"note": ""}, uploads=True),
    Row("POST /cases/{number}/attachments", of_case(PUBLIC), FOR_CUSTOMER, uploads=True),
    Row("GET /cases/{number}/attachments/1", Answers("nnnn")),
    Row("POST /cases/{number}/erase-attachment", ERASE, {"attachment": "1", "reason": "x"}),
    Row("POST /cases/{number}/messages/{message}/call-back", CALL_BACK),
    Row("POST /drafts", CASE, {"draft": "{number}/note", "counter": "9", "/body": "x"}, "case"),
    Row("POST /drafts", STAFF, {"draft": "new/complaint", "counter": "1"}),
    Row("POST /drafts/discard", ANY_THING, {"draft": "{number}/note", "counter": "1"}, "case"),
    Row("GET /me/drafts", STAFF),
    Row("POST /me/messages/{message}/again", OWN_ONLY, about="unsent message"),
    Row("POST /me/messages/{message}/drop", OWN_ONLY),
    Row("POST /preferences", ANYBODY, {"theme": "dark"}),
    Row("GET /me/sessions", STAFF),
    Row("POST /me/sessions/{id}/end", Answers("s---", stranger="--", nobody="llll")),
    Row("GET /me/password", STAFF),
    Row("POST /me/password", STAFF, {"old": "x", "new": "x"}),
    Row("POST /me/sessions/end-others", STAFF, ends_sessions=True),
    Row("POST /me/sessions/end-all", STAFF, ends_sessions=True),
    Row("GET /sign-in", ANYBODY),
    Row("POST /sign-in", ANYBODY, {"staff": "rights.who", "password": "x"}),
    Row("GET /sign-in/again", STAFF),
    Row("POST /sign-in/again", ANYBODY, {"staff": "rights.who", "password": "x"}),
    Row("GET /sign-in/link", ANYBODY),
    Row("POST /sign-in/link", NOT_HERE, {"token": "x", "password": "x"}),
    Row("POST /sign-in/link/opened", NOT_HERE, {"token": "x"}),
    Row("POST /sign-out", STAFF, ends_sessions=True),
    Row("GET /ops", only(READ_OPS)),
    Row("GET /ops/audit", only(READ_OPS)),
    Row("GET /ops/audit/checkpoints", only(READ_OPS)),
    Row("POST /ops/audit/checkpoints", only(READ_OPS)),
    Row("GET /ops/batches", only(READ_BATCHES)),
    Row("GET /ops/batches/{batch}", only(READ_BATCHES, thing=True)),
    Row("POST /ops/batches/{batch}/cancel", only(BATCH_ROLES, thing=True)),
    Row("POST /ops/batches/{batch}/do", only(BATCH_ROLES, thing=True)),
    Row("POST /ops/batches/{batch}/retry", only(BATCH_ROLES, thing=True)),
    Row("GET /ops/cases?number=", only(READ_OPS)),
    Row("GET /ops/cases/{number}", only(READ_OPS, thing=True)),
    Row("GET /ops/cases/{number}/proof", only(READ_OPS, thing=True)),
    Row("POST /ops/cases/{number}/proof", only(READ_OPS, thing=True)),
    Row("GET /ops/cases/{number}/proof.json", only(READ_OPS, thing=True)),
    Row("GET /ops/cases/{number}/replay", only(READ_OPS, thing=True)),
    Row("POST /ops/cases/{number}/replay", only(READ_OPS, thing=True)),
    Row("GET /ops/dead-letters", only(READ_OPS)),
    Row("POST /ops/dead-letters", only(OPERATE)),
    Row("POST /ops/dead-letters/aside", only(OPERATE), {"number": "x", "seq": "x"}),
    Row("POST /ops/dead-letters/back", only(OPERATE), {"number": "x", "seq": "x"}),
    Row("GET /ops/doctor", INSTALLATION),
    Row("POST /ops/doctor", INSTALLATION),
    Row("GET /ops/flow", only(READ_OPS)),
    Row("GET /ops/flow/complaint", only(READ_OPS)),
    Row("GET /ops/import", only(ADMINISTRATOR)),
    Row("GET /ops/import/example.csv", only(ADMINISTRATOR)),
    Row("GET /ops/import/example.jsonl", only(ADMINISTRATOR)),
    Row("POST /ops/import", only(ADMINISTRATOR), {"source": "oldsys", "text": "kind\nx"}),
    Row("GET /ops/incidents", INSTALLATION),
    Row("POST /ops/incidents", INSTALLATION),
    Row("GET /ops/incidents/{number}", incident(READ_OPS), tells=True),
    Row("POST /ops/incidents/{number}/retry", incident(OPERATE), tells=True),
    Row("GET /ops/schedules", INSTALLATION),
    Row("POST /ops/schedules/nothing/pause", OPERATES_INSTALLATION),
)

ROWS: Final = (*API, *SITE)

INSIDE: Final = Answers("ss-", {VENDOR: "---"}, stranger="---")
HEARD: Final[Mapping[ChangeName, Answers]] = {
    ChangeName.CASE: Answers("ss-", {VENDOR: "s--"}, stranger="---"),
    ChangeName.COMMENT: Answers("ss-", {VENDOR: "s--"}, stranger="---"),
    ChangeName.PRESENCE: Answers("ss-", {VENDOR: "s--"}, stranger="---"),
    ChangeName.NOTE: INSIDE,
    ChangeName.MESSAGE: INSIDE,
    ChangeName.DRAFT: Answers("---", stranger="---"),
    ChangeName.BATCH: Answers("---", {BATCH_ROLES: "ss-"}, stranger="---"),
    ChangeName.STAFF: Answers("---", stranger="---"),
}
"""What the page of each hears of what a colleague did: `s`, or nothing, `-`; of their own case, of
a colleague's, of another tenant's."""
