"""The company's clocks: which day a moment belongs to, and which moment its clocks show.

Decides: what becomes of the hour that clocks leave out in spring and of the one that they show twice in autumn. Must
not know: whose zone it is, where it is set.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo


def day_in(zone: tzinfo, moment: datetime) -> date:
    """The day on the zone's calendar; OverflowError where its calendar has none."""
    return moment.astimezone(zone).date()


def moment_in(zone: tzinfo, shown: datetime) -> datetime | None:
    """The instant at which the zone's clocks show this date and time, in UTC.

    None for an hour that they leave out: nobody has seen it, so it was mistyped, and is not guessed. Of an hour that
    they show twice the first one: whoever enters what has just happened does not speak of the future.
    """
    try:
        found = shown.replace(tzinfo=zone, fold=0).astimezone(UTC)
        return found if found.astimezone(zone).replace(tzinfo=None) == shown else None
    except OverflowError:
        return None


def beginning_of(zone: tzinfo, day: date) -> datetime:
    """The first instant of a day, also where its clocks leave midnight out; with the zone's own offset."""
    return datetime.combine(day, time.min, tzinfo=zone)


def offset_in(zone: tzinfo, moment: datetime) -> str:
    """How far clocks are from UTC: `UTC`, `UTC+8`, `UTC-3:30`. Short names such as CST mean several zones."""
    offset = moment.astimezone(zone).utcoffset() or timedelta()
    minutes = round(offset.total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    sign = "-" if minutes < 0 else "+"
    return "UTC" if minutes == 0 else f"UTC{sign}{hours}{f':{rest:02}' if rest else ''}"
