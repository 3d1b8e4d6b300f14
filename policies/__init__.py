"""The published policies and calendars: data, each with a version that never changes."""
