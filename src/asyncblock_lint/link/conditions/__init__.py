"""What a call with these arguments never does, and what does not wait after it was asked or told."""
