"""Staff, teams and keys over HTTP."""
