"""The API in this process, over a real store, a real server and a real worker."""
