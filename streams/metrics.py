"""Every metric's name, unit and meaning, in one place. Prometheus conventions: base units, `_total`, few labels."""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

COMMANDS_ANSWERED: Final = Counter("ordertrail_commands_total", "Commands answered, by how they ended.", ("outcome",))
COMMAND_SECONDS: Final = Histogram(
    "ordertrail_command_seconds",
    "Time from a command's arrival to its answer, in seconds.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
BATCH_COMMANDS: Final = Histogram(
    "ordertrail_batch_commands", "Commands that shared one commit.", buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256)
)
COMMITS: Final = Counter("ordertrail_commits_total", "Commits by partition.", ("partition",))
CLAIMS: Final = Counter("ordertrail_claims_total", "Claims of a partition, the first one included.", ("partition",))
TAIL_BYTES: Final = Gauge("ordertrail_tail_bytes", "Committed bytes that the index does not have yet.", ("partition",))
WORKFLOW_LAG: Final = Gauge(
    "ordertrail_workflow_lag_events", "Committed events that the workflow has not finished with.", ("partition",)
)
WORKFLOW_BEHIND: Final = Gauge(
    "ordertrail_workflow_behind",
    "Committed events and queued commands that wait for the workflow of this process.",
)
WORKFLOW_REFUSED: Final = Counter(
    "ordertrail_workflow_refused_total", "Workflow commands that were refused.", ("rule",)
)
WORKFLOW_PARKED: Final = Gauge(
    "ordertrail_workflow_parked_streams", "Streams that the workflow does not react to any more.", ("partition",)
)
STREAMS_PARKED: Final = Gauge(
    "ordertrail_parked_streams", "Streams whose records the writer cannot fold.", ("partition",)
)
VIEW_LAG_SECONDS: Final = Gauge(
    "ordertrail_view_lag_seconds", "Seconds since the live views last showed everything.", ("partition",)
)
