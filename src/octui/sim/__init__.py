"""Demo traffic, seeded: a centre with Korean names and what happens in it, as the events a real one would send."""
