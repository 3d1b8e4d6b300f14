"""The local mailbox over HTTP."""
