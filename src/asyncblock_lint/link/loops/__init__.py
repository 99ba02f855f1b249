"""Loops that compute or wait: how many rounds, how long a round, and whether they give way."""
