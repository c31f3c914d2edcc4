import pytest

from days import day_of_year, days_in, duration, is_leap, is_open, next_day, parse_time


@pytest.mark.parametrize("year, leap", [(2023, False), (2024, True), (1900, False), (2000, True)])
def test_leap_years(year, leap):
    assert is_leap(year) is leap


def test_lengths_of_months():
    assert days_in(1, 2023) == 31
    assert days_in(2, 2023) == 28
    assert days_in(2, 2024) == 29
    assert days_in(12, 2023) == 31


def test_there_are_twelve_months():
    with pytest.raises(ValueError, match="no month 13"):
        days_in(13, 2023)
    with pytest.raises(ValueError, match="no month 0"):
        days_in(0, 2023)


def test_day_of_year():
    assert day_of_year(1, 1, 2023) == 1
    assert day_of_year(1, 3, 2024) == 61
    assert day_of_year(31, 12, 2023) == 365


def test_next_day():
    assert next_day(1, 1, 2023) == (2, 1, 2023)
    assert next_day(28, 2, 2023) == (1, 3, 2023)
    assert next_day(31, 12, 2023) == (1, 1, 2024)


def test_times():
    assert parse_time("09:30") == 570
    with pytest.raises(ValueError, match="no time 24:00"):
        parse_time("24:00")
    with pytest.raises(ValueError):
        parse_time("10:60")


def test_opening_hours():
    assert is_open("09:00")
    assert is_open("17:29")
    assert not is_open("17:30")
    assert not is_open("08:59")


def test_durations():
    assert duration("09:00", "10:05") == "1h05"
    assert duration("23:00", "01:00") == "2h00"
    assert duration("08:00", "08:00") == "0h00"
