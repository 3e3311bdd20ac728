"""Pace: the step of a series, inferred from its times as pandas does, also where rows are missing.

The clock is the simplest that the times keep to: a rule of months, else the usual distance, else the largest distance
that divides all others. A clock is uneven if more than half of its steps are absent. Steps that are absent in every
week are closed and do not count as absent.
"""

from collections.abc import Callable, Iterator
from functools import cached_property

import numpy as np

from rnncli.data.digits import parts_of_unit, written_with
from rnncli.data.times.steps import DAY, MONDAY, MOST_SLOTS, WEEK, Steps, _last_day, _weekday, days_of, stretches_of
from rnncli.process.temporary import blocks

KEEPS = 0.9  # A clock needs this share of the distances to be multiples of its step.
JITTER = 0.2  # A row may be off by this share of a step.
USUAL = 0.3  # The commonest distance is the usual one from this share on, else the median is.
ABSENT = 0.5  # A regular clock lacks at most this share of its steps.
CHANCE = 1e-3  # Steps are closed if the probability that they are absent by chance is smaller.
MOST_PARTS = 6  # Steps of a month on certain days, as pentads have them.
MOST_SHIFT = 3_600_000_000  # By which the clock of months may differ: they are of a place, and written by UTC.
WEEKENDS = ((5, 6), (4, 5), (6,))  # Days of rest, Monday is 0.


def pace_of(times: np.ndarray) -> tuple[Steps | None, bool]:
    """The steps of these times, in order, and whether they are regular; None of fewer than two times."""
    times = _ascending(times)
    if len(times) < 2:
        return None, False
    if times.dtype.kind != "M":
        return _fixed("number", times)
    micro = times.view(np.int64)
    apart = Distances(micro)
    usual = apart.median
    if usual >= 27 * DAY and (found := _months(times)):
        return found
    if 4 * DAY <= usual <= 17 * DAY and len(times) > 2 and len(apart.sizes) > 1 and (found := _parts(times)):
        return found
    steps, regular = _fixed("time", micro)
    months = np.diff(times.astype("datetime64[M]").astype(np.int64)) if usual >= 27 * DAY else np.zeros(1, np.int64)
    drifting = regular and bool((apart.sizes % int(steps.step)).any()) and months.min() > 0  # with days that differ
    if drifting or (usual >= 28 * DAY and not regular):
        return _checked(Steps("month", max(1.0, float(np.median(months)))), times)
    if not regular and 0 < (finest := _divisor(apart.sizes)) < steps.step:  # Monday, Wednesday and Friday
        closed = _with_closures(Steps("time", finest), micro)
        steps = closed if closed.open and _checked(closed, times)[1] else steps
    if not (apart.sizes % int(steps.step)).any():
        steps = steps if steps.open else _with_closures(steps, micro)
        regular = regular or bool(steps.open)
    return _checked(steps, times) if regular else (steps, False)


class Distances:
    """From each of these times (n,) to the next, or what is `made` of them: how often each occurs."""

    def __init__(self, times: np.ndarray, made: Callable[[np.ndarray], np.ndarray] = lambda apart: apart):
        found = [np.unique(made(apart), return_counts=True) for apart in _apart(times)]
        self.sizes, at = np.unique(np.concatenate([sizes for sizes, _ in found]), return_inverse=True)
        self.counts = np.zeros(len(self.sizes), np.int64)
        np.add.at(self.counts, at, np.concatenate([counts for _, counts in found]))
        self.total = len(times) - 1

    @cached_property
    def median(self) -> float:
        """The mean of the two in the middle, or the one."""
        places = np.searchsorted(np.cumsum(self.counts), [(self.total - 1) // 2, self.total // 2], "right")
        return float(np.mean(self.sizes[places]))

    def part(self, there: np.ndarray) -> float:
        """The part of them whose sizes are `there`."""
        return float((self.counts * there).sum() / self.total)


def _apart(times: np.ndarray) -> Iterator[np.ndarray]:
    return (np.diff(times[begin : end + 1]) for begin, end in blocks(len(times) - 1))


def _ascending(times: np.ndarray) -> np.ndarray:
    """Those that are later than the one before."""
    none = np.diff(times[:1])  # of their kind
    if all((apart > np.zeros(1, none.dtype)).all() for apart in _apart(times)):
        return times
    return times[np.append(True, np.diff(times) > np.zeros(1, none.dtype))]


def fits(steps: Steps, times: np.ndarray) -> bool:
    """Whether these times keep to the steps."""
    if len(times) < 2:
        return True
    size = steps.step * (30 * DAY if steps.kind == "month" else 1)
    absent = near = 0
    for begin, end in blocks(len(times) - 1):
        part = times[begin : end + 1]
        between = steps.between(part)
        off = np.abs((part[1:] - steps.after(part[:-1], between + 1)).astype(np.float64))
        absent += int(between.sum())
        near += int((off <= (JITTER * size if not steps.rule else 0)).sum())
    return absent <= ABSENT * (absent + len(times)) and near / (len(times) - 1) >= KEEPS


def _checked(steps: Steps, times: np.ndarray) -> tuple[Steps, bool]:
    """These steps, and whether at most half of them are absent."""
    absent = sum(int(steps.between(times[begin : end + 1]).sum()) for begin, end in blocks(len(times) - 1))
    return steps, absent <= ABSENT * (absent + len(times))


def _fixed(kind: str, times: np.ndarray) -> tuple[Steps, bool]:
    """Steps of the usual distance, else of the largest distance that divides all."""
    apart = Distances(times, _rounding(times) if kind == "number" else np.asarray)
    most = int(apart.counts.argmax())
    usual = float(apart.sizes[most]) if apart.counts[most] >= USUAL * apart.total else apart.median
    if kind == "number":
        usual = float(f"{usual:.9g}")
    usual = max(usual, 1.0) if kind == "time" else usual
    for candidate in (usual, _divisor(apart.sizes)):
        if step := candidate:
            steps_apart = np.maximum(np.rint(apart.sizes / step), 1)
            if apart.part(np.abs(apart.sizes - steps_apart * step) <= JITTER * step) >= KEEPS:
                step = _unrounded(step, times) if kind == "number" else step
                absent = int((apart.counts * steps_apart).sum()) - apart.total
                regular = absent <= ABSENT * (absent + len(times))
                if regular or candidate == usual:
                    return Steps(kind, float(step)), regular
    return Steps(kind, usual), False


def _rounding(times: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Makes distances of decimal numbers of those of binary ones."""
    if len(times) > 4096:
        return lambda apart: np.round(apart, 12)
    return lambda apart: np.array([float(f"{a:.9g}") for a in apart])


def _unrounded(step: float, times: np.ndarray) -> float:
    """The exact step of rounded times. Months as decimal years, 2000.042, 2000.125, 2000.208, are 1/12 apart, though
    their usual distance is 0.083.
    """
    decimals = written_with(times, len(times))
    at = np.append(0, np.cumsum(np.maximum(np.rint(_rounding(times)(np.diff(times)) / step), 1)))
    even = float(times[-1] - times[0]) / at[-1]
    if not decimals or decimals < 1 or np.abs(times - times[0] - at * step).max() <= 10.0**-decimals / 2:
        return step
    parts = parts_of_unit(even)
    if parts and np.abs(times - times[0] - at / parts).max() <= 1.01 * 10.0**-decimals:
        return 1 / parts
    return even if np.abs(times - times[0] - at * even).max() <= 1.01 * 10.0**-decimals else step


def _divisor(apart: np.ndarray) -> float:
    """The largest integer that divides all distances, or 0 if a distance is not an integer."""
    if not (apart == np.rint(apart)).all() or np.abs(apart).max() >= 2.0**62:
        return 0.0
    return float(np.gcd.reduce(apart.astype(np.int64)))


# -- months -----------------------------------------------------------------------------------------------------------


def _months(times: np.ndarray) -> tuple[Steps, bool] | None:
    """Steps of the rule that all times keep to, at most one time a month."""
    month = times.astype("datetime64[M]").astype(np.int64)
    apart = np.diff(month)
    clock = (times - times.astype("datetime64[D]")).astype(np.int64)
    if (apart < 1).any() or np.ptp(clock) > MOST_SHIFT:
        return None
    sizes, counts = np.unique(apart, return_counts=True)
    step = int(sizes[counts.argmax()])
    step = step if (apart % step == 0).all() else int(np.gcd.reduce(apart))
    rule = _rule(times, (np.diff(times.astype(np.int64)) == np.diff(times.astype(np.int64))[0]).all())
    return None if rule is None else _checked(Steps("month", float(step), rule), times)


def _rule(times: np.ndarray, even: bool) -> str | None:
    """`even`: whether the times are equally far apart, which says more than the third Friday of the month."""
    day, last, dates = days_of(times), _last_day(times), times.astype("datetime64[D]")
    most = int(day.max())
    if (day == last).all():
        return "day:31"
    if (day == np.minimum(most, last)).all():
        return "" if most <= 28 else f"day:{most}"
    first = times.astype("datetime64[M]").astype("datetime64[D]")
    if (dates == np.busday_offset(first, 0, roll="forward")).all():
        return "work:first"
    if (dates == np.busday_offset(first + last - 1, 0, roll="backward")).all():
        return "work:last"
    week = (day - 1) // 7
    if even or len(times) < 3 or len(np.unique(_weekday(dates))) > 1:
        return None
    if (day + 7 > last).all():
        return "nth:5"
    return f"nth:{week[0] + 1}" if (week == week[0]).all() else None


def _parts(times: np.ndarray) -> tuple[Steps, bool] | None:
    """Steps of the same days of each month: of two, as the 15th and the end, or of up to `MOST_PARTS`, as dekads on
    the 1st, 11th and 21st, in months of which at least two are seen.
    """
    day, last = days_of(times), _last_day(times)
    if len(np.unique(times - times.astype("datetime64[D]"))) > 1:
        return None
    days = min(np.unique(day), np.unique(np.where(day == last, 31, day)), key=len)
    if len(days) == 2:
        return _checked(Steps("month", 1.0, f"half:{days[0]}:{days[1]}"), times)
    months = np.diff(times[[0, -1]].astype("datetime64[M]").astype(np.int64))[0]
    if 2 < len(days) <= MOST_PARTS and len(times) > len(days) and months > 0:
        return _checked(Steps("month", 1.0, ":".join(["part", *map(str, days)])), times)
    return None


# -- closed steps -----------------------------------------------------------------------------------------------------


def _with_closures(steps: Steps, micro: np.ndarray) -> Steps:
    """Steps that are always absent at the same place of the day or the week are closed."""
    step = int(steps.step)
    if step > DAY or WEEK % step or WEEK // step > MOST_SLOTS:
        return steps
    first, last = ((micro[[0, -1]] + MONDAY) // step).tolist()
    count, W = last - first + 1, WEEK // step
    if count == len(micro):
        return steps
    parts = (micro[begin:end] for begin, end in blocks(len(micro)))
    seen = sum((np.bincount((part + MONDAY) // step % W, minlength=W) for part in parts), np.zeros(W, np.int64))
    could = np.full(W, count // W)
    could[(first + np.arange(count % W)) % W] += 1
    a_day = W // 7 if DAY % step == 0 else W
    mask = np.ones(W, bool)
    if a_day < W:
        by_day = seen.reshape(7, -1) > 0
        open_days = np.any(by_day, axis=1, keepdims=True) | (could.reshape(7, -1).sum(axis=1, keepdims=True) < a_day)
        mask = (open_days & np.any(by_day, axis=0, keepdims=True)).ravel()
    mask = _sure(mask, seen, could, a_day) if not mask.all() or a_day == W else mask
    mask &= ~_always_absent(mask, seen, could)
    return steps if mask.all() else Steps(steps.kind, steps.step, steps.rule, stretches_of(mask))


def _sure(mask: np.ndarray, seen: np.ndarray, could: np.ndarray, a_day: int) -> np.ndarray:
    """The mask, with those steps open that may be absent by chance."""
    if mask.all() or not mask.any():
        return np.ones(len(mask), bool)
    p = _absence(seen[mask], could[mask])
    kept = mask.reshape(7, -1)
    days, hours = np.flatnonzero(~kept.any(axis=1)), np.flatnonzero(~kept.any(axis=0))
    sure = np.ones((7, a_day), bool)
    on, beside = kept.any(axis=1), _lengths_of_stretches(np.logical_not(kept.any(axis=0)))
    for hour in hours:  # the occasions on which it might have been seen; hours side by side are no outage if it recurs
        times = could.reshape(7, -1)[on, hour].sum()
        sure[:, hour] = p ** (times * (min(3, beside[hour]) if times > 1 else 1)) * a_day >= CHANCE
    rest = tuple(days.tolist())
    occasions = could.reshape(7, -1)[days].sum() / max(1, a_day)
    if rest in WEEKENDS and occasions >= len(rest) and seen.sum() >= 5:
        sure[days] = False
    else:
        for day in days:
            sure[day] = p ** could.reshape(7, -1)[day].max() * 7 >= CHANCE
    return sure.ravel()


def _lengths_of_stretches(absent: np.ndarray) -> np.ndarray:
    """For each hour, the length of the stretch of absent hours around it, which may pass midnight."""
    count = np.zeros(len(absent), np.int64)
    for begin, end in stretches_of(np.tile(absent, 2)):
        at = np.arange(begin, end) % len(absent)
        count[at] = np.maximum(count[at], min(end - begin, len(absent)))
    return count


def _always_absent(mask: np.ndarray, seen: np.ndarray, could: np.ndarray) -> np.ndarray:
    """Open steps of the week that were never seen, which chance does not explain."""
    never = mask & (seen == 0) & (could > 0)
    if not never.any():
        return never
    p = _absence(seen[mask], could[mask])  # as if they were open: what is absent by chance is among them
    days = never.reshape(7, -1) if len(never) % 7 == 0 else never[None]
    open_a_day = max(1, round(mask.sum() / len(days)))
    chance = np.log(len(days)) + (never * (np.log(open_a_day) + could * np.log(p))).reshape(days.shape).sum(axis=1)
    return (days & (chance < np.log(CHANCE))[:, None]).ravel()


def _absence(seen: np.ndarray, could: np.ndarray) -> float:
    """The probability that an open step is absent."""
    return float((could.sum() - seen.sum() + 0.5) / (could.sum() + 1)) if could.sum() else 1.0
