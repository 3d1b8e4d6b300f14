"""What an open page hears of changes while it is looked at."""
