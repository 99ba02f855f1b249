"""The same service, with the event loop left free."""
