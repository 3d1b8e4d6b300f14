"""What all kinds share: roles, classification, the front and the tail of the process."""
