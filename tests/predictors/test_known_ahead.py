"""Known inputs that end before the horizon are asked for."""

from dataclasses import replace

import pytest

from rnncli.errors import RnncliError
from rnncli.predictors.known_ahead import refuse_short
from rnncli.predictors.series_reader import SeriesReader
from tests.predictors.silent import silent
from tests.predictors.test_series_state import outlook

PAST = [f"{t},{g},{t},{t % 2}" for g in "ab" for t in range(1, 9)]


@pytest.mark.parametrize(
    ("future", "steps", "words"),
    [
        (["9,a,,0", "10,a,,1", "9,b,,0", "10,b,,1"], 2, None),
        (["9,a,,0", "10,a,,1", "9,b,,0", "10,b,,1"], 1, None),
        (["9,a,,0", "10,a,,1", "9,b,,0"], 2, "known input x in 1 of the 2 rows from 9 to 10 of b"),
        (["9,a,,0", "10,a,,", "9,b,,0", "10,b,,1"], 2, "known input x in 1 of the 2 rows from 9 to 10 of a"),
        (["9,a,,0", "9,b,,0"], 4, "known input x in 1 of the 4 rows from 9 to 12 of a"),
        ([], 1, "known input x in 0 of the 2 rows from 9 to 10 of a"),  # the network reads two steps ahead
    ],
)
def test_a_known_input_reaches_as_far_as_the_forecast(tmp_path, future, steps, words):
    (tmp_path / "d.csv").write_text("t,g,y,x\n" + "".join(f"{row}\n" for row in (*PAST, *future)))
    o = replace(outlook(), horizon=2, known=["x"], width=[[1.0]] * 2, bias=[[0.0]] * 2)
    reader = SeriesReader(silent(str(tmp_path / "d.csv"), o, target="y", group="g", time="t", known="x"))
    extent = reader.read([str(tmp_path / "d.csv")], None, None, None, max(steps, 2))
    if words is None:
        refuse_short(extent, steps, "d.csv")
        return
    with pytest.raises(RnncliError, match=f"d.csv: {words}, expected it in all"):
        refuse_short(extent, steps, "d.csv")
