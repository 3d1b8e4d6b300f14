"""Enter a new case, typed while on the phone."""
