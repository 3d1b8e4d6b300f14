"""How a case lives in Temporal."""
