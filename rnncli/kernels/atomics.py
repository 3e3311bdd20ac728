"""What threads say to each other: atomic words of memory, and how to wait for them.

A word is element i of an int64 array. Here stands what each means for one thread alone; compiled code has
native/atomics.py in its place.
"""


def load_word(words, i):
    """words[i], with all that was written before it was."""
    return words[i]


def add_to_word(words, i, value):
    """words[i] += value; returns what it was."""
    before = words[i]
    words[i] += value
    return before


def swap_word(words, i, value):
    """words[i] = value; returns what it was."""
    before = words[i]
    words[i] = value
    return before


def pause():
    """A moment's rest of the core."""


def sleep_while(words, i, value):
    """Sleep while words[i] is `value`, until woken; or for a moment, or without a reason for one."""


def wake_all(words, i):
    """Wake all that sleep because of words[i]."""
