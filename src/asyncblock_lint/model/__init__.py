"""The nouns: plain frozen data that every stage reads and no stage changes."""
