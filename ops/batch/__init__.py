"""Acts on many cases: what is done in one of them."""
