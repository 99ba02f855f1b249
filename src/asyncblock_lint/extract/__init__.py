"""From the bytes of a file to its facts: this package knows Python and knows no library."""
