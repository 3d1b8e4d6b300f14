"""Numbers over time, as pictures, tables and files."""
