"""What goes into the store and comes out of it, where the domain has no word for it."""

from store.records.audit import ACTS, BY_ITSELF, Act, By, Hashed, Leaf, LeafKind, Part, Peaks
from store.records.batches import BatchCounted, BatchItem
from store.records.customers import (
    DESK,
    REACHABLE,
    Contact,
    ContactKind,
    Customer,
    CustomerGiven,
)
from store.records.lists import (
    CaseCount,
    CaseFilter,
    ClockCount,
    Cursor,
    Page,
    TaskCount,
    TaskFilter,
)
from store.records.outside import LedgerRow, Letter
from store.records.people import KeyInfo, KeyOwner, KeyRecord, OwnerKind, Staff, Team
from store.records.starts import Acknowledged, Answer, Identified, Reservation, Reserved
from store.records.strays import Stray
from store.records.talk import Comment, Delivered, Delivery, NotDelivered, OutboxRow, Visibility

__all__ = [
    "ACTS",
    "BY_ITSELF",
    "DESK",
    "REACHABLE",
    "Acknowledged",
    "Act",
    "Answer",
    "BatchCounted",
    "BatchItem",
    "By",
    "CaseCount",
    "CaseFilter",
    "ClockCount",
    "Comment",
    "Contact",
    "ContactKind",
    "Cursor",
    "Customer",
    "CustomerGiven",
    "Delivered",
    "Delivery",
    "Hashed",
    "Identified",
    "KeyInfo",
    "KeyOwner",
    "KeyRecord",
    "Leaf",
    "LeafKind",
    "LedgerRow",
    "Letter",
    "NotDelivered",
    "OutboxRow",
    "OwnerKind",
    "Page",
    "Part",
    "Peaks",
    "Reservation",
    "Reserved",
    "Staff",
    "Stray",
    "TaskCount",
    "TaskFilter",
    "Team",
    "Visibility",
]
