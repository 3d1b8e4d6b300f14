"""The pages, a folder for each thing that they are about."""
