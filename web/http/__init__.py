"""What the pages need of HTTP: sessions, posted forms, where a request is from, failures."""
