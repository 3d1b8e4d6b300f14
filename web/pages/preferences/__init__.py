"""How a visitor likes the pages: language and theme."""
