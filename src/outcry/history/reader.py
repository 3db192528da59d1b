"""`Reader`: history.db for those who ask."""


class Reader:
    """The file, opened to read."""
