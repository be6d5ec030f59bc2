"""octui: a terminal dashboard for the people of a contact centre, and the service behind it."""

__version__ = "0.1.0"
