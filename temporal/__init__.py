"""Everything about speaking to Temporal: connecting, calling cases, schedules, histories."""
