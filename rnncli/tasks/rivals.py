"""What a network has to beat: the unigram, and an n-gram model with interpolated modified Kneser-Ney smoothing.

    p(w | u) = max(c(u w) - D(c(u w)), 0) / c(u ·) + γ(u) · p(w | u')        u' is u without its first token
    γ(u)     = (D₁ N₁(u ·) + D₂ N₂(u ·) + D₃ N₃₊(u ·)) / c(u ·)             N_k: followers seen k times
    D_k      = k - (k + 1) Y n_(k+1) / n_k,   Y = n₁ / (n₁ + 2 n₂)           n_k: n-grams seen k times

At the highest order c counts occurrences, below it the different tokens seen before the n-gram; below the unigram
stands 1 / V (Chen & Goodman 1998, section 3.1). A sequence is preceded by a mark that is never predicted; nothing
stands before a mark, so n-grams that begin with one keep their occurrences.

The n-grams of one length are one sorted array of keys: (row of the n-gram less its last token) · (V + 1) + last token.
"""

from dataclasses import dataclass

import numpy as np

from rnncli.data.sequences import Sequences
from rnncli.process.phases import told, under_way

ORDER = 5
MOST_TOKENS = 6_000_000  # counts are from the first so many tokens,
MOST_WORDS = 2_000_000  # or so many of a vocabulary of more than FEW, most of whose n-grams are different
FEW = 1000
MOST_VALID = 1_000_000  # the first so many tokens of the validation part are looked at
LEAST_DISCOUNT = 0.05  # so that nothing is impossible after any context


def rivals(train: Sequences, valid: Sequences, V: int) -> dict[str, np.ndarray]:
    """Nats (tokens,) of the first tokens of the validation part, by the name of the rival."""
    offsets = valid.offsets[:-1]
    valid = Sequences(valid.tokens[:MOST_VALID], offsets[offsets < MOST_VALID])
    model = KneserNey(train, V)
    under_way("rivals, their losses")
    return {"unigram": model.unigram_losses(valid), f"{ORDER}-gram": model.losses(valid)}


@dataclass
class Level:
    """The n-grams of one length. `count` is by row of `keys`, the last two by row of the level below, the context."""

    keys: np.ndarray
    count: np.ndarray
    discount: np.ndarray  # by min(count, 3)
    total: np.ndarray  # c(u ·)
    reserved: np.ndarray  # γ(u) c(u ·)


class KneserNey:
    """Counts of the n-grams up to `order` tokens of the training part."""

    def __init__(self, train: Sequences, V: int, order: int = ORDER):
        self.V = V
        tokens, _ = self._marked(train, MOST_TOKENS if V <= FEW else MOST_WORDS)
        self.token_counts = np.bincount(tokens, minlength=V + 1)[:V]
        grams: list[list] = []  # of each length: keys, counts, rows of the level below, whether they begin with a mark
        contexts = 1
        ends = np.arange(len(tokens), dtype=np.int32)  # where n-grams of this length end
        context = np.zeros(len(tokens), np.int64)  # those that stand before these places, less the last token
        number = np.full(len(tokens), -1, np.int32)  # of the n-gram that ends at a place
        for (n,) in told("rivals, n-grams", f"of {order} lengths", [(n,) for n in range(1, order + 1)]):
            keys, first, rows, counts = _distinct(context * (V + 1) + tokens[ends])
            if grams:  # below the highest order, the different tokens before an n-gram count
                different = np.bincount(number[ends[first]], minlength=contexts)
                grams[-1][1] = np.where(grams[-1][3], grams[-1][1], different)
            grams.append([keys, counts, contexts, tokens[ends[first] - n + 1] == V])
            number[...] = -1
            number[ends] = rows
            ends = ends[ends + 1 < len(tokens)] + 1
            ends = ends[tokens[ends] != V]  # no n-gram reaches over the end of a sequence
            context, contexts = number[ends - 1].astype(np.int64), len(keys)
        self.levels = [self._level(*gram[:3]) for gram in grams if len(gram[0])]

    def _level(self, keys, counts, contexts) -> Level:
        context, last = np.divmod(keys, self.V + 1)
        counts = np.where(last == self.V, 0, counts)  # marks are never predicted
        discount = _discounts(counts)
        total = np.bincount(context, counts, contexts)
        reserved = np.bincount(context, np.minimum(discount[np.minimum(counts, 3)], counts), contexts)
        return Level(keys, counts, discount, total, reserved)

    def _marked(self, data: Sequences, most: int) -> tuple[np.ndarray, np.ndarray]:
        """All sequences, each after a mark; and where their tokens stand in that."""
        total = min(data.total, most)
        offsets = data.offsets[: np.searchsorted(data.offsets[:-1], total)]
        place = np.arange(total) + np.searchsorted(offsets, np.arange(total), side="right")
        out = np.full(total + len(offsets), self.V, np.int32)
        out[place] = data.tokens[:total]
        return out, place

    def losses(self, data: Sequences) -> np.ndarray:
        """Nats of every token, given those before it in its sequence."""
        tokens, place = self._marked(data, data.total)
        p, ids = np.full(len(tokens), 1 / self.V), np.full(len(tokens), -1)
        for n, level in enumerate(self.levels):
            context = np.concatenate([[-1], ids[:-1]]) if n else np.zeros(len(tokens), np.int64)
            context[(tokens == self.V) & (n > 0)] = -1
            p, ids = _interpolated(level, context, tokens, p, self.V)
        return -np.log(p[place])

    def unigram_losses(self, data: Sequences) -> np.ndarray:
        """Nats of every token by its frequency; one is added to every count."""
        p = (self.token_counts + 1.0) / (self.token_counts.sum() + self.V)
        return -np.log(p)[data.tokens]


def _distinct(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """`np.unique` of keys (n,) with index, inverse and counts. A key and its place are sorted as one number, several
    times as fast as places by their keys, where 63 bits hold both.
    """
    bits = len(keys).bit_length()
    if int(keys.max(initial=0)) < 1 << (63 - bits):
        both = keys << bits
        both |= np.arange(len(keys))
        both.sort()
        order, ordered = both & ((1 << bits) - 1), both >> bits
    else:
        order = np.argsort(keys, kind="stable")
        ordered = keys[order]
    new = np.append(True, ordered[1:] != ordered[:-1])[: len(keys)]
    starts, rows = np.flatnonzero(new), np.empty(len(keys), np.int32)
    rows[order] = np.cumsum(new, dtype=np.int32) - 1
    return ordered[starts], order[starts], rows, np.diff(starts, append=len(keys))


def _interpolated(level: Level, context, tokens, lower, V):
    """(p of the tokens, rows of the n-grams or -1): the discounted share, and the reserved one of the lower order."""
    known = context >= 0
    key = np.where(known, context, 0) * (V + 1) + tokens
    row = np.minimum(np.searchsorted(level.keys, key), len(level.keys) - 1)
    seen = known & (level.keys[row] == key)
    total = level.total[np.where(known, context, 0)]
    known &= total > 0
    count = np.where(seen, level.count[row], 0)
    share = np.maximum(count - level.discount[np.minimum(count, 3)], 0.0)
    reserved = level.reserved[np.where(known, context, 0)]
    p = np.where(known, (share + reserved * lower) / np.where(known, total, 1), lower)
    return p, np.where(seen, row, -1)


def _discounts(counts: np.ndarray) -> np.ndarray:
    """D of 0, 1, 2, and 3 or more; those of a large corpus where there are too few n-grams to tell."""
    n1, n2, n3, n4 = (int((counts == k).sum()) for k in (1, 2, 3, 4))
    if 0 in (n1, n2, n3, n4):
        return np.array([0.0, 0.5, 1.0, 1.5])
    y = n1 / (n1 + 2 * n2)
    fitted = [0.0, 1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3]
    return np.clip(fitted, [0.0, *3 * [LEAST_DISCOUNT]], [0.0, 1.0, 2.0, 3.0])
