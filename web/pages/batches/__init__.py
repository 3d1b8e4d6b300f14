"""One act for many cases: chosen in the inbox, tried, and done as a batch."""
