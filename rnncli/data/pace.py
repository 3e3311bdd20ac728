"""Pace: from the times of a series to its steps, as pandas infers them, also where rows are missing.

The clock is the simplest that the times keep to: months by their rule, else the usual distance, or the largest one
that divides all. Where over half of its steps are absent it is uneven, unless the same steps of the week are always
absent: then these are closed.
"""

import numpy as np

from rnncli.data.digits import written_with
from rnncli.data.steps import DAY, MONDAY, MOST_SLOTS, WEEK, Steps, _last_day, _weekday, days_of, runs_of

KEEPS = 0.9  # of the distances are whole steps, or there is no clock
JITTER = 0.2  # of a step, that a row may be off
USUAL = 0.3  # of the distances are the same, or their median is taken
ABSENT = 0.5  # of the steps at most, of a regular clock
CHANCE = 1e-3  # that steps which are always absent are so by chance
WEEKENDS = ((5, 6), (4, 5), (6,))  # days that people rest on


def pace_of(times: np.ndarray) -> tuple[Steps | None, bool]:
    """The steps of these times, in order, and whether they are regular; None of fewer than two times."""
    times = times[np.append(True, np.diff(times) > np.zeros(1, np.diff(times).dtype))] if len(times) else times
    if len(times) < 2:
        return None, False
    if times.dtype.kind != "M":
        return _fixed("number", times)
    micro = times.astype(np.int64)
    apart = np.diff(micro)
    usual = float(np.median(apart))
    if usual >= 27 * DAY and (found := _months(times)):
        return found
    if 13 * DAY <= usual <= 17 * DAY and len(times) > 2 and not (apart == apart[0]).all() and (found := _halves(times)):
        return found
    steps, regular = _fixed("time", micro)
    if usual >= 28 * DAY and not regular:
        months = np.diff(times.astype("datetime64[M]").astype(np.int64))
        return _checked(Steps("month", max(1.0, float(np.median(months)))), times)
    if not len(apart[apart % int(steps.step) != 0]):
        steps = _with_closures(steps, micro)
        regular = regular or bool(steps.open)
    return _checked(steps, times) if regular else (steps, False)


def fits(steps: Steps, times: np.ndarray) -> bool:
    """Whether these times keep to the steps."""
    if len(times) < 2:
        return True
    absent = steps.between(times)
    if absent.sum() > ABSENT * (absent.sum() + len(times)):
        return False
    expected = steps.after(times[:-1], absent + 1)
    off = np.abs((times[1:] - expected).astype(np.float64))
    size = steps.step * (30 * DAY if steps.kind == "month" else 1)
    return bool((off <= (JITTER * size if not steps.rule else 0)).mean() >= KEEPS)


def _checked(steps: Steps, times: np.ndarray) -> tuple[Steps, bool]:
    """Whether at most half of the steps are absent."""
    absent = int(steps.between(times).sum())
    return steps, absent <= ABSENT * (absent + len(times))


def _fixed(kind: str, times: np.ndarray) -> tuple[Steps, bool]:
    """The usual distance, else the largest that divides all."""
    apart = np.diff(times)
    if kind == "number":
        apart = np.array([float(f"{a:.9g}") for a in apart]) if len(apart) < 4096 else np.round(apart, 12)
    sizes, counts = np.unique(apart, return_counts=True)
    most = int(counts.argmax())
    usual = float(sizes[most]) if counts[most] >= USUAL * len(apart) else float(np.median(apart))
    if kind == "number":
        usual = float(f"{usual:.9g}")
    usual = max(usual, 1.0) if kind == "time" else usual
    for candidate in (usual, _divisor(apart)):
        if step := candidate:
            whole = np.maximum(np.rint(apart / step), 1)
            if (np.abs(apart - whole * step) <= JITTER * step).mean() >= KEEPS:
                step = _unrounded(step, times, whole) if kind == "number" else step
                absent = int(whole.sum()) - len(apart)
                regular = absent <= ABSENT * (absent + len(times))
                if regular or candidate == usual:
                    return Steps(kind, float(step)), regular
    return Steps(kind, usual), False


def _unrounded(step: float, times: np.ndarray, whole: np.ndarray) -> float:
    """The step of times that were rounded, as the decimal years 2000.042, 2000.125, 2000.208 of months are: 1/12, where
    the usual distance is 0.083. `whole` (n - 1,) are the steps between the times (n,).
    """
    decimals = written_with(times, len(times))
    at = np.append(0, np.cumsum(whole))
    even = float(times[-1] - times[0]) / at[-1]
    if not decimals or decimals < 1 or np.abs(times - times[0] - at * step).max() <= 10.0**-decimals / 2:
        return step
    return even if np.abs(times - times[0] - at * even).max() <= 1.01 * 10.0**-decimals else step


def _divisor(apart: np.ndarray) -> float:
    """The largest whole number that divides all distances; 0 if they are no whole numbers."""
    if not (apart == np.rint(apart)).all() or np.abs(apart).max() >= 2.0**62:
        return 0.0
    return float(np.gcd.reduce(apart.astype(np.int64)))


# -- months -----------------------------------------------------------------------------------------------------------


def _months(times: np.ndarray) -> tuple[Steps, bool] | None:
    """The rule that all times keep to, once a month at most."""
    month = times.astype("datetime64[M]").astype(np.int64)
    apart = np.diff(month)
    if (apart < 1).any() or len(np.unique(times - times.astype("datetime64[D]"))) > 1:
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


def _halves(times: np.ndarray) -> tuple[Steps, bool] | None:
    """Two days of the month."""
    day, last = days_of(times), _last_day(times)
    if len(np.unique(times - times.astype("datetime64[D]"))) > 1:
        return None
    days = np.unique(day)
    if len(days) != 2:
        days = np.unique(np.where(day == last, 31, day))
    if len(days) != 2:
        return None
    return _checked(Steps("month", 1.0, f"half:{days[0]}:{days[1]}"), times)


# -- closed steps -----------------------------------------------------------------------------------------------------


def _with_closures(steps: Steps, micro: np.ndarray) -> Steps:
    """Steps that are always absent at the same place of the day or the week are closed."""
    step = int(steps.step)
    if step > DAY or WEEK % step or WEEK // step > MOST_SLOTS:
        return steps
    slots = (micro + MONDAY) // step
    first, last = int(slots[0]), int(slots[-1])
    if last - first + 1 == len(slots):
        return steps
    W = WEEK // step
    seen = np.bincount(slots % W, minlength=W)
    could = np.bincount(np.arange(first, last + 1) % W, minlength=W)
    a_day = W // 7 if DAY % step == 0 else W
    mask = np.ones(W, bool)
    if a_day < W:
        by_day = seen.reshape(7, -1) > 0
        open_days = np.any(by_day, axis=1, keepdims=True) | (could.reshape(7, -1).sum(axis=1, keepdims=True) < a_day)
        mask = (open_days & np.any(by_day, axis=0, keepdims=True)).ravel()
    mask = _sure(mask, seen, could, a_day) if not mask.all() or a_day == W else mask
    mask &= ~_always_absent(mask, seen, could)
    return steps if mask.all() else Steps(steps.kind, steps.step, steps.rule, runs_of(mask))


def _sure(mask: np.ndarray, seen: np.ndarray, could: np.ndarray, a_day: int) -> np.ndarray:
    """The mask, or all open where it could be so by chance."""
    if mask.all() or not mask.any():
        return np.ones(len(mask), bool)
    p = _share(seen[mask], could[mask])
    kept = mask.reshape(7, -1)
    days, hours = np.flatnonzero(~kept.any(axis=1)), np.flatnonzero(~kept.any(axis=0))
    sure = np.ones((7, a_day), bool)
    on, beside = kept.any(axis=1), _runs_in_the_day(np.logical_not(kept.any(axis=0)))
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


def _runs_in_the_day(absent: np.ndarray) -> np.ndarray:
    """Of each hour, how long the run of hours is that it is in, also over midnight."""
    count = np.zeros(len(absent), np.int64)
    for begin, end in runs_of(np.tile(absent, 2)):
        at = np.arange(begin, end) % len(absent)
        count[at] = np.maximum(count[at], min(end - begin, len(absent)))
    return count


def _always_absent(mask: np.ndarray, seen: np.ndarray, could: np.ndarray) -> np.ndarray:
    """Open steps of the week that were never seen, and not by chance."""
    never = mask & (seen == 0) & (could > 0)
    if not never.any():
        return never
    p = _share(seen[mask], could[mask])  # as if they were open: what is absent by chance is among them
    days = never.reshape(7, -1) if len(never) % 7 == 0 else never[None]
    open_a_day = max(1, round(mask.sum() / len(days)))
    chance = np.log(len(days)) + (never * (np.log(open_a_day) + could * np.log(p))).reshape(days.shape).sum(axis=1)
    return (days & (chance < np.log(CHANCE))[:, None]).ravel()


def _share(seen: np.ndarray, could: np.ndarray) -> float:
    """Of steps that are absent here and there."""
    return float((could.sum() - seen.sum() + 0.5) / (could.sum() + 1)) if could.sum() else 1.0
