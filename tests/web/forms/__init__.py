"""Forms on pages, without a server."""
