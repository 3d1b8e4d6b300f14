"""The workflow, under skipped time and on the dev server."""
