"""The tables: the projection can be rebuilt from workflows, the records live only here."""
