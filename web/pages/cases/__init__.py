"""A case: what it waits for, its forms, clocks, timeline, customer, and all that may be done."""
