"""Days, weeks and opening hours."""

LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]


def is_leap(year):
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def days_in(month, year):
    if not 1 <= month <= 12:
        raise ValueError(f"no month {month}")
    return 29 if month == 2 and is_leap(year) else LENGTHS[month - 1]


def day_of_year(day, month, year):
    return sum(days_in(earlier, year) for earlier in range(1, month)) + day


def next_day(day, month, year):
    if day < days_in(month, year):
        return day + 1, month, year
    if month < 12:
        return 1, month + 1, year
    return 1, 1, year + 1


def parse_time(text):
    hours, _, minutes = text.partition(":")
    hours, minutes = int(hours), int(minutes)
    if hours > 23 or minutes > 59:
        raise ValueError(f"no time {text}")
    return hours * 60 + minutes


def is_open(time, opens="09:00", closes="17:30"):
    return parse_time(opens) <= parse_time(time) < parse_time(closes)


def duration(start, end):
    minutes = parse_time(end) - parse_time(start)
    if minutes < 0:
        minutes += 24 * 60
    return f"{minutes // 60}h{minutes % 60:02}"
