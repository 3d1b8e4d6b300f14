"""How a case lives in Temporal: one durable workflow for all kinds, and the way to connect."""
