"""Messages between client and server: pydantic models, one module a menu, and the table of routes."""
