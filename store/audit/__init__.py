"""The audit log: entries of all cases and events of administration, sealed into checkpoints."""
