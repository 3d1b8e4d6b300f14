"""The oracle: is all that was acknowledged there, once, and alike everywhere?"""
