"""octui: a terminal dashboard for the people of a contact center, and the server behind it."""

__version__ = "0.2.0"
