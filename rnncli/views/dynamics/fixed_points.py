"""Fixed and slow points of a system under a held input (Sussillo & Barak 2013, Neural Computation 25(3)).

    q(s) = ½ ‖F(s) - s‖²      ‖F(s) - s‖ is the speed at s

From many states at once q is brought down along its gradient, (∂F/∂s - I)ᵀ (F(s) - s), by Adam; what comes near to each
other is then one, and goes on by Newton steps. Where the speed is nothing the point is fixed. Where it stays above, but
is a small part of the spread of the states, and q does not fall any more in any direction, it is slow. About a point
the system is linear: the eigenvalues λ of ∂F/∂s tell whether it is stable (all |λ| < 1), and how fast the state comes
back to it, or leaves it: by a factor e in -1 / ln |λ| steps.
"""

import numpy as np

from rnncli.views.dynamics.system import System

UPDATES = 500  # of Adam
RATE, LAST_RATE = 0.05, 1e-4  # of the spread of the starts, a step
NEWTON = 30  # steps at most, each of which
GAIN = 0.98  # brings the speed down to this part, or is the last
FIXED = 1e-9  # a speed below that, relative to 1 + ‖s‖ of the state or the largest start, is nothing
FAR = 100.0  # times the largest start: what is beyond has run off
SLOW = 0.01  # of the spread of the starts: a hundred steps and more to cross them
LEVEL = 0.1  # the gradient of q, relative to the speed, where q does not fall any more
NEAR, SAME = 0.02, 1e-5  # of two states, relative to 1 + ‖s‖: before the Newton steps, and after them
NEUTRAL = 1e-9  # |λ| so near to 1 is 1
MOST_SLOW = 8
WORK = 4e9  # n³ of all Newton steps' Jacobians together


def search(system: System, X: np.ndarray, starts: np.ndarray) -> tuple[list[dict], list[dict]]:
    """Fixed points and slow points (stable ones first, then by the number of directions that leave, then by where most
    starts led): `h` (n,), `speed`, `eigenvalues` as [re, im] by falling |λ|, `stable`, `time_constants` in steps
    (negative where the state leaves, None for |λ| = 1), `starts`, how many led there.
    """
    slowest = SLOW * float(np.sqrt(((starts - starts.mean(axis=0)) ** 2).sum(axis=1).mean()))
    ends = sorted(zip(*descend(system, X, starts), strict=True), key=lambda end: end[1])
    found = _joined([(s, float(speed), 1) for s, speed in ends], NEAR)
    most = int(np.clip(WORK / system.n**3, 4, 256))
    refined = [(*newton(system, X, s), count) for s, _, count in found[:most]]
    largest = max(map(_size, starts))
    nothing = [FIXED * min(_size(s), largest) for s, *_ in refined]
    fixed = [entry for entry, least in zip(refined, nothing, strict=True) if entry[1] <= least]
    slow = [entry for entry, least in zip(refined, nothing, strict=True) if least < entry[1] <= slowest]
    slow = [entry for entry in slow if _size(entry[0]) <= FAR * largest]
    slow = [entry for entry in slow if _slope(system, X, entry[0]) <= LEVEL * entry[1]]
    points = [
        [_described(system, X, *entry) for entry in _joined(entries, tolerance)[:limit]]
        for entries, tolerance, limit in ((fixed, SAME, None), (slow, NEAR, MOST_SLOW))
    ]
    for some in points:
        some.sort(key=lambda point: (point["unstable"], -point["starts"]))
    return points[0], points[1]


def descend(system: System, X: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where Adam goes from the starts (N, n), and the speeds (N,) there; what leaves the numbers is left out."""
    S, spread = starts.copy(), max(1e-3, float(starts.std()))
    m, v = np.zeros_like(S), np.zeros_like(S)
    best, least = S.copy(), np.full(len(S), np.inf)
    with np.errstate(all="ignore"):  # of states that explode
        for t in range(1, UPDATES + 1):
            r = system.step(S, X) - S
            speed = np.linalg.norm(r, axis=1)
            better = speed < least
            best[better], least[better] = S[better], speed[better]
            g = np.nan_to_num(system.back(r) - r)
            m, v = 0.9 * m + 0.1 * g, 0.99 * v + 0.01 * g * g
            rate = spread * RATE * (LAST_RATE / RATE) ** (t / UPDATES)
            S -= rate * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.99**t)) + 1e-12)
    there = np.isfinite(least)
    return best[there], least[there]


def newton(system: System, X: np.ndarray, s: np.ndarray) -> tuple[np.ndarray, float]:
    """The state (n,) after steps that bring the speed down, and the speed there."""
    r = system.step(s[None], X)[0] - s
    speed = float(np.linalg.norm(r))
    for _ in range(NEWTON):
        if speed <= 1e-14 * _size(s):
            break
        move = _solution(system.jacobian(s, X) - np.eye(system.n), -r)
        for shorter in range(8):
            there = s + move / 2**shorter
            r_there = system.step(there[None], X)[0] - there
            speed_there = float(np.linalg.norm(r_there))
            if speed_there < speed:
                break
        enough = speed_there < GAIN * speed
        if speed_there < speed:
            s, r, speed = there, r_there, speed_there
        if not enough:
            break
    return s, speed


def _slope(system: System, X: np.ndarray, s: np.ndarray) -> float:
    r = system.step(s[None], X) - s
    return float(np.linalg.norm(system.back(r) - r))


def _solution(matrix: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Of a linear system; the shortest where many solve it."""
    try:
        x = np.linalg.solve(matrix, right)
        if np.isfinite(x).all() and np.linalg.norm(x) < 1e6:
            return x
    except np.linalg.LinAlgError:
        pass
    return np.linalg.lstsq(matrix, right, rcond=1e-10)[0] if np.isfinite(matrix).all() else np.zeros_like(right)


def _described(system: System, X: np.ndarray, s: np.ndarray, speed: float, starts: int) -> dict:
    values = system.eigenvalues(s, X)
    size = np.abs(values)
    unstable = int((size > 1 + NEUTRAL).sum())
    return {
        "h": s.tolist(),
        "speed": speed,
        "eigenvalues": np.stack([values.real, values.imag], axis=1).tolist(),
        "stable": bool((size < 1 - NEUTRAL).all()),
        "unstable": unstable,
        "time_constants": [time_constant(a) for a in size.tolist()],
        "starts": starts,
    }


def time_constant(size: float) -> float | None:
    """-1 / ln |λ| steps; None for |λ| = 1."""
    if size == 0:
        return 0.0
    return None if abs(size - 1) <= NEUTRAL else float(-1 / np.log(size))


def _joined(entries: list[tuple[np.ndarray, float, int]], tolerance: float) -> list[tuple[np.ndarray, float, int]]:
    """(state, speed, how many) of states that are apart, in the order of the first ones."""
    kept: list[list] = []
    for s, speed, count in entries:
        same = next((k for k in kept if np.linalg.norm(k[0] - s) <= tolerance * _size(s)), None)
        if same is None:
            kept.append([s, speed, count])
        else:
            same[2] += count
    return [tuple(k) for k in kept]


def _size(s: np.ndarray) -> float:
    return 1 + float(np.linalg.norm(s))
