"""What travels between client and service: pydantic models, one module a menu, and the table of routes."""
