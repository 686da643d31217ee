"""The write side and the workflow in simulated processes, under every schedule and fault that a seed draws."""
