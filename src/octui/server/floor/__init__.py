"""The floor of a service: its queue calls and its agents, at the moment and by the minute."""
