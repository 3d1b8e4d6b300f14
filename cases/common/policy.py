"""The figures that a shop may tailor, under a version that a case keeps."""

from datetime import timedelta

POLICY_VERSION = "2026-1"

REOPEN_WINDOW = timedelta(days=7)
"""How long a closed case may be reopened in place (ours)."""

FAILED_ATTEMPTS = 3
"""How many failed attempts to reach the customer close a case as unconfirmed (ours)."""

OFFER_LAPSES = timedelta(days=7)
"""How long an offered solution waits for the customer's answer (ours)."""
