"""How staff sign in: passwords, links by which they are chosen, sessions, failed attempts."""
