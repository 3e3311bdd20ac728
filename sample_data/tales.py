"""The tales: a grammar that is expanded, its paragraphs mended and wrapped."""

import re
import textwrap
from pathlib import Path
from random import Random

GRAMMAR = Path(__file__).resolve().parent / "tales.grammar"
CHAPTERS = {"folk": 27, "yarn": 20, "fable": 18, "chron": 8, "song": 10, "cure": 8, "letter": 10}
PLURALS = {"gooses": "geese", "foxs": "foxes", "wolfs": "wolves", "compasss": "compasses", "hourglasss": "hourglasses"}


class Teller:
    """Expands the grammar; every rule deals its choices like a shuffled pack of cards."""

    def __init__(self, grammar, rng):
        """Read the rules from the text of a grammar."""
        lines = [line for line in grammar.splitlines() if line and not line.startswith("#")]
        joined = re.sub(r"\n\s+", " ", "\n".join(lines))
        rules = (line.split(" = ", 1) for line in joined.splitlines())
        self.rules = {name: body.split(" | ") for name, body in rules}
        self.rng, self.packs, self.last, self.bound, self.year = rng, {}, {}, {}, 0

    def deal(self, name):
        """The next choice of a rule, never the previous one nor one that the chapter has kept."""
        while True:
            if not self.packs.get(name):
                self.packs[name] = self.rng.sample(self.rules[name], len(self.rules[name]))
            choice = self.packs[name].pop()
            if len(self.rules[name]) == 1 or choice not in (*self.bound.values(), self.last.get(name)):
                self.last[name] = choice
                return choice

    def cast(self):
        """Choose the hero of a new chapter, with pronouns and a year to start from."""
        she = self.rng.random() < 0.5
        pronouns = ("she", "her", "her") if she else ("he", "his", "him")
        self.bound = dict(zip(("he", "his", "him"), pronouns, strict=True))
        self.packs["ev"] = []  # a whole pack for each chronicle: nothing happens twice in one village
        self.bound["hero"] = self.deal("fem" if she else "masc")
        self.year = self.rng.randint(1580, 1740)

    def slot(self, match):
        """What one {slot} becomes."""
        name, rule = match.group(1), match.group(2)
        if rule:
            self.bound[name] = self.expand("{" + rule + "}")
            return ""
        key = name[0].lower() + name[1:]
        if key == "year":
            self.year += self.rng.randint(1, 7)
            return str(self.year)
        text = self.bound.get(key) or self.expand(self.deal(key))
        return text[0].upper() + text[1:] if name[0].isupper() else text

    def expand(self, text):
        """Replace every {slot} of a text, from left to right."""
        return re.sub(r"\{(\w+)(?:=(\w+))?\}", self.slot, text)

    def chapter(self, kind):
        """The paragraphs of one chapter, the heading first."""
        self.cast()
        return [polish(part.strip()) for part in self.expand("{" + kind + "}").split("//")]


def polish(text):
    """Mend articles, plurals and capitals of a paragraph and wrap it."""
    text = re.sub(r"\b(" + "|".join(PLURALS) + r")\b", lambda m: PLURALS[m.group(1)], text)
    text = re.sub(r"\b([Aa]) (?=[aeioAEIOéöÖ]|u(?!ni|se)|U(?!ni|se)|hour|honest)(?!one-|once\b)", r"\1n ", text)
    text = re.sub(r"([.!?] |[.]\" |~ *|^)([a-zéöñ])", lambda m: m.group(1) + m.group(2).upper(), text)
    if "~" in text:
        return "\n".join("    " + line.strip() for line in re.split(r"~|(?<=[.]) ", text))
    return textwrap.fill(text, 78, break_on_hyphens=False, break_long_words=False)


def roman(number):
    """A chapter's number in Roman figures."""
    out = ""
    signs = {100: "C", 90: "XC", 50: "L", 40: "XL", 10: "X", 9: "IX", 5: "V", 4: "IV", 1: "I"}
    for value, sign in signs.items():
        out, number = out + sign * (number // value), number % value
    return out


def make_tales():
    """The book of tales."""
    rng = Random(41)
    teller = Teller(GRAMMAR.read_text(encoding="utf-8"), rng)
    places = sorted(((i + rng.random()) / count, kind) for kind, count in CHAPTERS.items() for i in range(count))
    parts = ["THE SALT AND LANTERN BOOK", "Tales, yarns, letters and small songs of a coast that is on no map"]
    for number, (_, kind) in enumerate(places, 1):
        heading, *paragraphs = teller.chapter(kind)
        parts += [f"\nCHAPTER {roman(number)}\n{heading}", *paragraphs]
    return "\n\n".join(parts) + "\n"
