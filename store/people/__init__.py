"""Staff, teams and API keys."""
