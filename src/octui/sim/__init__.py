"""Seeded demo: a contact center with Korean names, its history, and its traffic as events."""
