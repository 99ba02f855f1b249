"""One reporter a file; the file's name is the format's.

A reporter has a `DESCRIPTION`, tells whether it is `FOR_PEOPLE`, and a function `render`.
"""
