"""What every process of ours shares, tried by itself and in real processes."""
