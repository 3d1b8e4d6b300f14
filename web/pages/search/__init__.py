"""Find cases by number, order, product, telephone, name, or words."""
