"""The `banjie` command: thin, one file per noun; speaks HTTP except where it runs the system."""
