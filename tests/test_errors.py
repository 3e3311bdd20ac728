"""Messages are one line of a length that can be read, whatever they quote."""

import pytest

from rnncli.errors import LONGEST, RnncliError, UsageError


@pytest.mark.parametrize("error", [RnncliError, UsageError])
def test_a_message_is_one_line_without_control_characters(error):
    assert str(error("a.csv:1: 'x\ny\r\x1b[2J' in column é 界")) == "a.csv:1: 'x\\ny\\r\\x1b[2J' in column é 界"


def test_of_a_long_message_beginning_and_end_are_left():
    text = str(RnncliError("a.csv:1: '" + "x" * 100_000 + "', expected a number"))
    assert text.startswith("a.csv:1: 'xxx")
    assert text.endswith("xxx', expected a number")
    assert len(text) <= LONGEST + 4
