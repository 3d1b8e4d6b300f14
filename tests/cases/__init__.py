"""The kinds: their stories, their rules, their texts, and what holds of every table."""
