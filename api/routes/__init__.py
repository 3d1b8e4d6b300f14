"""The paths, a file for each noun."""
