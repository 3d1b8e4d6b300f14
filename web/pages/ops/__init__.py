"""`/ops`: how the installation is, what stands still, how a case came to be as it is."""
