"""The audit log across cases."""
