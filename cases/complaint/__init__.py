"""Complaint (投诉): something went wrong and the customer wants it put right."""
