"""The read model made again from workflows and archives, and held against the one there is."""
