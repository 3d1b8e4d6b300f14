"""What the code must look like, read off the code itself."""
