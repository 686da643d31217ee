"""The single writer of a partition: the pure core, and the coroutine around it."""
