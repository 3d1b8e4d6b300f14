"""Running the whole system on one machine: its folder, its processes, its samples."""
