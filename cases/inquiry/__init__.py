"""Inquiry (咨询): the customer wants to know something, or suggests something (建议)."""
