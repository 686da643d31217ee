"""Days and clocks of zones far from UTC, with half hours, and with hours that come twice or not at all."""

from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.company_time import beginning_of, day_in, moment_in, offset_in

ZONES = ("UTC", "Asia/Shanghai", "Europe/London", "America/St_Johns", "Pacific/Kiritimati")
SHANGHAI, LONDON, ST_JOHNS, KIRITIMATI = map(ZoneInfo, ZONES[1:])

zones = st.sampled_from(ZONES).map(ZoneInfo)
moments = st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001 - hypothesis wants bounds without a zone


def shown_at(zone: tzinfo, moment: datetime) -> datetime:
    """What the clocks on the wall show."""
    return moment.astimezone(zone).replace(tzinfo=None)


@given(zones, moments)
def test_what_clocks_show_means_the_first_moment_at_which_they_show_it(zone: tzinfo, moment: datetime) -> None:
    meant = moment_in(zone, shown_at(zone, moment))
    assert meant is not None
    assert shown_at(zone, meant) == shown_at(zone, moment)
    assert timedelta() <= moment - meant <= timedelta(hours=2)
    if moment.astimezone(zone).fold == 0:
        assert meant == moment


@given(zones, moments)
def test_a_moment_lies_in_the_day_that_it_counts_for(zone: tzinfo, moment: datetime) -> None:
    day = day_in(zone, moment)
    assert (
        beginning_of(zone, day).astimezone(UTC) <= moment < beginning_of(zone, day + timedelta(days=1)).astimezone(UTC)
    )


@pytest.mark.parametrize(
    ("zone", "shown", "moment"),
    [
        (SHANGHAI, "2026-03-02T07:30", "2026-03-01T23:30Z"),
        (KIRITIMATI, "2026-01-01T10:00", "2025-12-31T20:00Z"),
        (ST_JOHNS, "2026-01-15T12:00", "2026-01-15T15:30Z"),
        (LONDON, "2026-03-29T00:59", "2026-03-29T00:59Z"),
        (LONDON, "2026-03-29T01:00", None),
        (LONDON, "2026-03-29T01:59", None),
        (LONDON, "2026-03-29T02:00", "2026-03-29T01:00Z"),
        (LONDON, "2026-10-25T01:30", "2026-10-25T00:30Z"),
        (LONDON, "2026-10-25T02:00", "2026-10-25T02:00Z"),
        (SHANGHAI, "0001-01-01T00:00", None),
        (ST_JOHNS, "9999-12-31T23:59", None),
    ],
)
def test_an_hour_that_clocks_leave_out_means_nothing_and_one_that_they_show_twice_its_first(
    zone: tzinfo, shown: str, moment: str | None
) -> None:
    meant = None if moment is None else datetime.fromisoformat(moment)
    assert moment_in(zone, datetime.fromisoformat(shown)) == meant


def test_half_past_seven_in_the_morning_in_beijing_is_that_day_there() -> None:
    assert day_in(SHANGHAI, datetime(2026, 3, 1, 23, 30, tzinfo=UTC)) == date(2026, 3, 2)


@pytest.mark.parametrize(
    ("zone", "said"),
    [(UTC, "UTC"), (SHANGHAI, "UTC+8"), (LONDON, "UTC"), (ST_JOHNS, "UTC-3:30"), (KIRITIMATI, "UTC+14")],
)
def test_how_far_clocks_are_from_utc_is_said_in_figures(zone: tzinfo, said: str) -> None:
    assert offset_in(zone, datetime(2026, 1, 15, 12, tzinfo=UTC)) == said
