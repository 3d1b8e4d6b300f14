"""The `banjie` command, thin: one file per noun."""
