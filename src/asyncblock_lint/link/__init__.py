"""From facts and the catalogue to the call graph: what names mean, and what runs what, where."""
