"""What lists, pages and the past show of a case; derived from its entries, never decided."""
