"""Taking a case back: what hinders it, what stays done, what makes up for it."""
