"""What an expression stands for: objects, classes, callables, as far as the source and the rules tell."""
