"""What the service knows, without a word about HTTP."""
