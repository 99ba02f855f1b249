"""Locks of threads: which object each is, and what is done while it is held."""
