"""Policies: publishing them, putting one in force, trying one."""
