"""The words of texts, numbered by their first appearance in all of them."""

import numpy as np

from rnncli.kernels.compiler import kernel
from rnncli.kernels.stand_ins import helper

SEED, PRIME = 0xCBF29CE484222325, 0x100000001B3  # of FNV-1a


@helper
def point_at(text, p):
    """The code point of a character in UTF-8, and its bytes; one of four bytes is no blank, and is 65536 here."""
    c = np.int64(text[p])
    if c < 0x80:
        return c, 1
    if c < 0xE0:
        return ((c & 0x1F) << 6) | np.int64(text[p + 1] & 0x3F), 2
    if c < 0xF0:
        return ((c & 0x0F) << 12) | (np.int64(text[p + 1] & 0x3F) << 6) | np.int64(text[p + 2] & 0x3F), 3
    return 65536, 4


@helper
def place_of(text, begin, end, words, starts, table):
    """Where the word text[begin:end] stands in the table, or else where it belongs. FNV-1a (Fowler, Noll and Vo)."""
    hashed = np.uint64(SEED)
    for p in range(begin, end):
        hashed = (hashed ^ np.uint64(text[p])) * np.uint64(PRIME)
    at = np.int64((hashed ^ (hashed >> np.uint64(32))) & np.uint64(table.shape[0] - 1))
    while table[at] >= 0:
        first = starts[table[at]]
        if starts[table[at] + 1] - first == end - begin:
            same = 0
            while same < end - begin and words[first + same] == text[begin + same]:
                same += 1
            if same == end - begin:
                break
        at = (at + 1) & (table.shape[0] - 1)
    return at


@kernel("void(uint8[::1],int64[::1],uint8[::1],uint8[::1],int64[::1],int32[::1],uint32[::1],int64[::1],int64[::1])")
def number_words(text, ends, spaces, words, starts, table, numbers, lengths, used):
    """Number the words of texts in UTF-8, one after the other in `text` up to each of the `ends`. A word is what stands
    between `spaces` (the code points below its length for which it is not 0, line ends among them), and a line end is
    one too, of number 0.

    numbers   of each word in turn
    lengths   words of each text
    words     all different words, one after the other; that of number n is words[starts[n] : starts[n + 1]]
    table     by the hash of a word its number, else -1; its size is a power of 2, and at most half of it is full
    used      where to go on: the text, the different words, the numbers that are found, the place in the text

    It returns when all is done, or when there is no room for another word: then used[0] is less than the size of ends.
    """
    k, different, count, p = used[0], used[1], used[2], used[3]
    begin = p
    while k < ends.shape[0]:
        c, width = 10, 0  # at the end of a text a word ends
        if p < ends[k]:
            c, width = point_at(text, p)
        if not (c < spaces.shape[0] and spaces[c]):
            p += width
            continue
        if begin < p:
            at = place_of(text, begin, p, words, starts, table)
            if table[at] < 0:
                last = starts[different]
                full = last + p - begin > words.shape[0] or different + 2 > starts.shape[0]
                if full or 2 * different >= table.shape[0]:
                    break
                for i in range(p - begin):
                    words[last + i] = text[begin + i]
                table[at], starts[different + 1] = different, last + p - begin
                different += 1
            numbers[count] = table[at]
            count += 1
            lengths[k] += 1
        if width and c == 10:
            numbers[count] = 0
            count += 1
            lengths[k] += 1
        k += width == 0
        p += width
        begin = p
    used[0], used[1], used[2], used[3] = k, different, count, begin


@kernel("void(uint8[::1], int64[::1], int64, int64, int32[::1])")
def place_words(words, starts, first, end, table):
    """Fill a table of -1 with the words of the numbers from `first` up to `end`."""
    for n in range(first, end):
        table[place_of(words, starts[n], starts[n + 1], words, starts, table)] = n
