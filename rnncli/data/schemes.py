"""Schemes of tags that mark chunks: how their tags are written, and which may follow which.

    scheme  a chunk of one token, of more        what may not be
    IOB2    B        B I I                       an I that goes on with no chunk of its kind
    IOB1    I        I I I                       a B but behind a chunk of the same kind, which it divides from the next
    IOE2    E        I I E                       a chunk without its E
    IOE1    I        I I I                       an E but before a chunk of the same kind
    IOBES   S        B I E                       anything else
    BILOU   U        B I L                       the same in other letters; so are BMES (S, B M E) and BMEWO (W, B M E)

Tags outside of chunks are O. A tag is a letter and its kind, `B-NP` or (suffixed) `NP-B`, or a letter alone, of the
kind `_` (Ramshaw & Marcus 1995; Tjong Kim Sang & Veenstra 1999, "Representing Text Chunks").
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np

OUTSIDE, KINDLESS = "O", "_"
LIKE_IOBES = {"L": "E", "U": "S", "M": "I", "W": "S"}  # letters of other schemes
FAMILIES = [set("BI"), set("IE"), set("BIES"), set("BILU"), set("BMES"), set("BMEW")]
PREFIXED = re.compile(r"([BIESLUMW])(?:([-_]).*)?", re.DOTALL)
SUFFIXED = re.compile(r"(?:.*([-_]))?([BIESLUMW])", re.DOTALL)
NEARLY = re.compile(r"([bieslumwo])(?:[-_:/|.+](.+))?", re.IGNORECASE | re.DOTALL)
MOST_BROKEN = 0.05  # of the tags in chunks, for a scheme to be that of a file
MIXED = "mixed"


@dataclass(frozen=True)
class Writing:
    """How the tags of a scheme are written."""

    letters: frozenset[str]  # O not among them
    suffix: bool = False
    underscore: bool = False  # B_NP

    @classmethod
    def of(cls, labels: Iterable[str]) -> "Writing | None":
        """None if the labels are no tags of chunks."""
        tags = [label for label in labels if label != OUTSIDE]
        for suffix, form in ((False, PREFIXED), (True, SUFFIXED)):
            found = [form.fullmatch(tag) for tag in tags]
            if not all(found):
                continue
            letters = frozenset(match[2 if suffix else 1] for match in found)
            kinds = any(len(tag) > 1 for tag in tags)
            if _is_sound(letters, kinds, len(tags) < len(set(labels)), suffix):
                return cls(letters, suffix, any(match[1 if suffix else 2] == "_" for match in found))
        return None

    def parse(self, tag: str) -> tuple[str, str]:
        """(letter, kind) as seqeval 1.2.2 reads them, of a tag of any form; letters as in IOBES."""
        if self.suffix:
            letter, rest = tag[-1:], tag[:-1]
            kind = rest.removesuffix("_") if self.underscore else rest.rsplit("-", maxsplit=1)[0]
        else:
            letter, rest = tag[:1], tag[1:]
            plain = self.underscore and rest.startswith("_")
            kind = rest[1:] if plain else rest.split("-", maxsplit=1)[-1]
        cut = rest == "" or rest[-1 if self.suffix else 0] in "-_"  # nothing is beside the letter, or divided from it
        like = LIKE_IOBES.get(letter) if cut and self.letters & LIKE_IOBES.keys() else None
        return like or letter, kind or KINDLESS


def _is_sound(letters: frozenset[str], kinds: bool, outside: bool, suffix: bool) -> bool:
    """Whether these letters make a scheme. The fewer other signs there are, the more of it has to be there: E and O,
    or U and L, may mean anything.
    """
    if not letters:
        return False
    if letters <= {"B", "I"}:
        return not suffix or "B" in letters or outside
    family = any(letters <= family for family in FAMILIES)
    if kinds and not suffix:
        return "B" in letters or (outside and family)
    closed = "B" in letters and letters & {"E", "L"}
    return family and bool(closed or (letters == {"I", "E"}))


def kinds_of(labels: Iterable[str]) -> set[str]:
    """Of the chunks that these tags mark."""
    tags = {label for label in labels if label != OUTSIDE}
    writing = Writing.of({OUTSIDE, *tags})
    return {writing.parse(tag)[1] for tag in tags} if writing else set()


def nearly_chunks(labels: Collection[str]) -> tuple[str, str] | None:
    """One of these tags, and how it had to be written for them to mark chunks, B-PER in place of b-PER or B:PER, where
    small letters or another sign behind the letter are all that is wrong; None if that is not so.
    """
    found = [match for label in labels if (match := NEARLY.fullmatch(label))]
    if len(found) < len(labels) or Writing.of(labels):
        return None
    written = {match[0]: match[1].upper() + (f"-{match[2]}" if match[2] else "") for match in found}
    kinds = [pair for pair in written.items() if pair[1].startswith("B-")]
    return kinds[0] if kinds and OUTSIDE in written.values() and Writing.of(written.values()) else None


@dataclass(frozen=True)
class Scheme:
    """Which tags may follow which; letters as in IOBES."""

    name: str
    starts: str  # may begin a chunk
    inside: str  # pairs within one
    ends: str  # may end one
    between: str = ""  # letters that may start or end one beside another of its kind

    def follows(self, before: tuple[str, str], after: tuple[str, str]) -> bool:
        """Whether a tag may stand right behind another, each as `Writing.parse` gives it."""
        (a, kind), (b, other) = before, after
        same = OUTSIDE not in (a, b) and kind == other
        if same and a + b in self.inside.split():
            return True
        ended = a == OUTSIDE or a in self.ends or (same and a in self.between)
        return ended and (b == OUTSIDE or b in self.starts or (same and b in self.between))


SCHEMES = [
    Scheme("IOB2", "B", "BI II", "BI"),
    Scheme("IOB1", "I", "BI II", "BI", "B"),
    Scheme("IOE2", "IE", "II IE", "E"),
    Scheme("IOE1", "IE", "II IE", "I", "E"),
    Scheme("IOBES", "BS", "BI BE II IE", "ES"),
]
LETTERS = ("BILOU", "BMES", "BMEWO")  # names of IOBES in other letters
NAMES = (*(scheme.name for scheme in SCHEMES), *LETTERS, MIXED)


@dataclass(frozen=True)
class Allowed:
    """Of C tags: transitions (C, C), from tag, to tag; first and last tags of a sequence (C,). All bool."""

    transitions: np.ndarray
    begin: np.ndarray
    end: np.ndarray

    @classmethod
    def of(cls, scheme: Scheme, labels: list[str], writing: Writing) -> "Allowed":
        """By the scheme."""
        tags, outside = [writing.parse(label) for label in labels], (OUTSIDE, KINDLESS)
        pairs = [[scheme.follows(a, b) for b in tags] for a in tags]
        begin, end = ([scheme.follows(outside, t) for t in tags], [scheme.follows(t, outside) for t in tags])
        return cls(np.array(pairs), np.array(begin), np.array(end))


def allowed_by(name: str | None, labels: list[str]) -> Allowed | None:
    """By the scheme of this name, or None where it allows anything."""
    writing = Writing.of(labels)
    scheme = next((s for s in SCHEMES if s.name == like_iobes(name)), None)
    return Allowed.of(scheme, labels, writing) if scheme and writing else None


def like_iobes(name: str | None) -> str | None:
    """The scheme that has the same chunks in the letters of IOBES."""
    return "IOBES" if name in LETTERS else name


def scheme_of(
    labels: list[str], codes: np.ndarray, offsets: np.ndarray, kept: str | None = None
) -> tuple[str | None, int]:
    """(name, places that break it) of the scheme that sequences of tags keep to best; MIXED if they keep to none, None
    if the tags mark no chunks. codes (rows,), -1 where no tag is; sequence i is rows offsets[i] to offsets[i + 1]. One
    that is `kept` is that of a model to start from, which a few sequences may keep to as well as to others.
    """
    writing = Writing.of(labels)
    if writing is None:
        return None, 0
    C = len(labels)
    starts = np.zeros(len(codes) + 1, bool)
    starts[offsets] = True  # of sequences, and the end of the last
    there = codes >= 0
    inner = there[1:] & there[:-1] & ~starts[1:-1]
    pairs = np.bincount(codes[:-1][inner] * C + codes[1:][inner], minlength=C * C).reshape(C, C)
    first, last = (np.bincount(codes[there & at], minlength=C) for at in (starts[:-1], starts[1:]))
    inside = sum(int((codes == i).sum()) for i, label in enumerate(labels) if label != OUTSIDE)
    found = []
    for scheme in SCHEMES:
        known = set(scheme.starts + scheme.ends + scheme.between + scheme.inside) - {" "}
        if not {LIKE_IOBES.get(letter, letter) for letter in writing.letters} <= known:
            continue
        allowed = Allowed.of(scheme, labels, writing)
        broken = (pairs[~allowed.transitions], first[~allowed.begin], last[~allowed.end])
        found.append((sum(int(counts.sum()) for counts in broken), scheme.name))
    own = [pair for pair in found if pair[1] == like_iobes(kept)]
    fewest, name = min(own or found, key=lambda pair: pair[0], default=(0, MIXED))
    if fewest > MOST_BROKEN * inside or kept == MIXED:
        return MIXED, 0
    return kept if own else _spelled(name, writing.letters), fewest


def _spelled(name: str, letters: frozenset[str]) -> str:
    """IOBES by the letters that it is written in."""
    if name != "IOBES":
        return name
    return "BILOU" if letters & {"L", "U"} else "BMEWO" if "W" in letters else "BMES" if "M" in letters else name
