"""The interface of the systems that carry out orders, with its local and its HTTP version."""
