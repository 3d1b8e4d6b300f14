"""Return or exchange (退换货): goods come back, money or new goods go out."""
