"""Lines that are entries, each by itself, and lines over which one text goes on."""

from pathlib import Path

import pytest

from rnncli.readers.line_guess import LEAST, are_entries

SAMPLES = Path(__file__).parents[2] / "sample_data"
COUNT = 40
ENTRIES = {
    "a web log": [f'10.0.0.{i} - - [01/Jan/2025:00:00:{i:02}] "GET /{i} HTTP/1.1" 200' for i in range(COUNT)],
    "a syslog": [f"Dec {i} host sshd: {'Invalid user' if i % 3 else 'Failed password for root'}" for i in range(COUNT)],
    "levels first": [f"{'WARN' if i % 5 else 'ERROR'} 2024-01-01T00:00:{i:02} all is lost" for i in range(COUNT)],
    "a log with a trace": [f"00:{i:02} done" for i in range(COUNT)] + ["\tat Main.run", "Caused by: nothing"],
    "a chat with times": [f"[01.01.25, 00:{i:02}] Ann: so it is, is it not?" for i in range(COUNT)],
    "a chat": [f"{'Ann' if i % 2 else 'Bob'}: so it is, is it not, my {'x' * i}?" for i in range(COUNT)],
    "a channel": [f"<{'ann' if i % 2 else 'bob'}> so it is, is it not, my {'x' * i}?" for i in range(COUNT)],
    "passwords": [f"{'dragon' * (i % 2)}{'x' * i}!" for i in range(1, COUNT)],
    "passwords that come again": ["shadow!", "tiger2001", "summer", "hunter1", "dragon", "monkey99"] * 7,
    "names of several words": [f"Mary Ann {chr(65 + i)}ow" for i in range(26)],
    "cities of Asia": [f"{chr(0x4E00 + i)}京市" for i in range(COUNT)],
    "a numbered list": [f"{i}. to be or not to be, that is the question" for i in range(COUNT)],
    "few empty lines": [*(f"name{i}" for i in range(COUNT)), ""],
}
TEXTS = {
    "paragraphs": ["it was the 1st of May", "and so on and so forth", ""] * 20,
    "code": ["def f(x):", "    return x", "print(f(1))"] * 20,
    "marked-up text": [f"<p> so it is, and {i * 'so '}it goes on </p>" if i % 2 else "</div>" for i in range(COUNT)],
    "verse": [f"and {i * 'so '}it goes on, my love" for i in range(1, COUNT)],
    "prose": [f"on day {i} we came to an inn whose" if i % 2 else "name no one told us then" for i in range(COUNT)],
    "a word a line": ["the", "sea", "is", "the", "sea"] * 10,
    "a word or number a line": ["the", "sea", "of", "1984", ",", "the", "5th", "time", "is", "the", "sea"] * 10,
    "notes": ["C4", "F#4", "G4", "A4", "D4", "C5"] * 20,
    "moves": ["e4", "Nf3", "Bb5", "O-O", "d5"] * 20,
    "instructions": ["mov ax1", "push r3", "pop r3", "add bx2"] * 20,
    "sentences of few words": [f"It was {'so ' * (i % 2)}{chr(97 + i % 26) * i}." for i in range(COUNT)],
    "wrapped letters": ["ACGT" * 15 + "ACGTA"[i % 5] for i in range(COUNT)],
    "too few": [f"name{i}" for i in range(LEAST - 1)],
    "nothing": ["", ""],
}
FILES = {"names.txt": True, "server.log": True, "tales.txt": False, "dna.txt": False, "phrases.txt": False}


@pytest.mark.parametrize("name", ENTRIES)
def test_entries(name):
    assert are_entries(ENTRIES[name])


@pytest.mark.parametrize("name", TEXTS)
def test_texts(name):
    assert not are_entries(TEXTS[name])


@pytest.mark.parametrize("name", FILES)
def test_sample_data(name):
    assert are_entries((SAMPLES / name).read_text().splitlines()) == FILES[name]
