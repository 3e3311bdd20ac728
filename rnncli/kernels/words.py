"""The words of a text, numbered."""

import numpy as np

from rnncli.kernels.compiler import kernel


@kernel("void(uint32[::1], uint8[::1], int32[::1], int32[::1], int32[::1], int32[::1], int64[::1])")
def number_words(text, spaces, table, first, end, numbers, used):
    """Number the words of a text of code points by their first appearance, from 1 on; a line end is a word too, and has
    0. A word is what stands between `spaces` (the code points below its length for which it is not 0, line ends among
    them).

    numbers   of each word in turn
    first     where word n stands first in the text, up to `end`
    used      how many words there are, and how many different ones, the line end among them
    table     by the hash of a word (FNV-1a) its number, else -1; its size is a power of 2 above that of all words
    """
    size, count, different, p = text.shape[0], 0, 1, 0
    while p < size:
        if text[p] < spaces.shape[0] and spaces[text[p]]:
            if text[p] == 10:
                numbers[count] = 0
                count += 1
            p += 1
            continue
        begin, hashed = p, np.uint64(0xCBF29CE484222325)
        while p < size and not (text[p] < spaces.shape[0] and spaces[text[p]]):
            hashed = (hashed ^ np.uint64(text[p])) * np.uint64(0x100000001B3)
            p += 1
        at = np.int64((hashed ^ (hashed >> np.uint64(32))) & np.uint64(table.shape[0] - 1))
        while table[at] >= 0:
            n, same = table[at], 0
            if end[n] - first[n] == p - begin:
                while same < p - begin and text[first[n] + same] == text[begin + same]:
                    same += 1
                if same == p - begin:
                    break
            at = (at + 1) & (table.shape[0] - 1)
        if table[at] < 0:
            table[at], first[different], end[different] = different, begin, p
            different += 1
        numbers[count] = table[at]
        count += 1
    used[0], used[1] = count, different
