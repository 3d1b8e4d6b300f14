"""The `banjie` command: a module or package for each noun; it speaks HTTP, or runs the system."""
