"""A service that stops its own event loop."""
