"""Orders that were handed in, and which open case has which unit of them."""
