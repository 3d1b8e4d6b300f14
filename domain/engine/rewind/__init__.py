"""Taking a case back: what hinders it, what cannot be undone, what makes up for it."""
