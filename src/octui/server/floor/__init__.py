"""The queue and the agents of a service: what calls do in queues, minutes, and the floor of the moment."""
