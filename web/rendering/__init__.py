"""Templates into pages: the environment, the texts, the files they load."""
