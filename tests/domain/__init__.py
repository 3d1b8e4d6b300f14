"""The engine without servers: tables, forms, steps, tasks, time."""
