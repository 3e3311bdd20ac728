"""What is learnt of a table of which nobody says it: what a person would expect."""

import pytest

from rnncli.config import TrainConfig
from rnncli.errors import UsageError
from rnncli.training.asked_task import asked_task

TIMES = [f"2024-01-{day:02d}" for day in range(1, 29)]


def asked(tmp_path, device):
    path = tmp_path / "a.csv"
    path.write_text("when,device,x\n" + "".join(f"{t},{device(i)},{i}\n" for i, t in enumerate(TIMES)))
    return asked_task([str(path)], TrainConfig())[0]


def test_a_word_that_is_the_same_in_all_rows_is_no_reason_to_ask(tmp_path):
    assert asked(tmp_path, lambda i: "pump") == "forecast"


def test_words_that_differ_are(tmp_path):
    with pytest.raises(UsageError, match="choose what to learn"):
        asked(tmp_path, lambda i: "on" if i % 3 else "off")
