"""What runs what: calls, attribute reads, `with` and `for`, and callables that are handed on."""
