"""What every process of ours shares: its settings, its log, its metrics, how it starts and ends."""
