"""Messages to customers that are about to be sent, and can be called back until then."""
