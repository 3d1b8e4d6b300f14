"""The pages in this process, and in a real browser, over a real store, server and worker."""
