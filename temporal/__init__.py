"""Everything about speaking to Temporal: connection, case client, schedules, histories."""
