"""Playing real orders as live commands through HTTP, department by department. Rehearsal and sample share it."""
