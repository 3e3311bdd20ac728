"""Numbers beside texts are read in the notations of tables; what may mean two numbers is refused."""

import numpy as np
import pytest

from rnncli.data.columns import Roles
from rnncli.errors import RnncliError, UsageError
from rnncli.readers.columns import read_columns
from rnncli.readers.forms import recognise
from rnncli.readers.numerals import Writing
from rnncli.readers.reader import Request

ROLES = Roles(text="text", targets=("y",))


def read(tmp_path, values, separator=";", decimal=None, task="regress", roles=ROLES):
    path = tmp_path / "data.csv"
    path.write_text(f"text{separator}y\n" + "".join(f"word {i}{separator}{v}\n" for i, v in enumerate(values)))
    form = recognise(str(path), "auto", roles, "utf-8", task, Writing(decimal=decimal))
    return read_columns([str(path)], Request(form, roles, "utf-8", "word", task)).targets[:, 0]


@pytest.mark.parametrize(
    ("values", "separator", "decimal", "right"),
    [
        (["1.100", "2.250"], ";", ",", [1100, 2250]),
        (["1.100", "2.250"], ";", ".", [1.1, 2.25]),
        (["1.100", "2.25"], ";", None, [1.1, 2.25]),
        (["1.100", "2.250,5"], ";", None, [1100, 2250.5]),
        (["1.100", "2.250"], ",", None, [1.1, 2.25]),
        (['"1,100"', '"2,250"'], ",", None, [1100, 2250]),
        (["5%", "7.5%"], ",", None, [5, 7.5]),
        (["$5", "$7.5"], ",", None, [5, 7.5]),
        (["1.2K", "3M"], ",", None, [1200, 3e6]),
    ],
)
def test_numbers_of_texts(tmp_path, values, separator, decimal, right):
    np.testing.assert_array_equal(read(tmp_path, values * 10, separator, decimal), right * 10)


def test_a_point_that_may_stand_between_thousands_is_refused(tmp_path):
    with pytest.raises(RnncliError, match=r"csv: '1.100' in column y may have a point .* --decimal comma or --decimal"):
        read(tmp_path, ["1.100", "2.250"] * 10)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["5%", "0.05"], "a number with % as in other rows"),
        (["1", "x"], "a finite number to predict"),
        (["1", "inf"], "a finite number to predict"),
    ],
)
def test_the_line_of_what_is_no_number_of_the_column(tmp_path, values, expected):
    with pytest.raises(RnncliError, match=rf"data.csv:12: '{values[1]}', expected {expected}"):
        read(tmp_path, [*values[:1] * 10, *values[1:]], ",")


def test_labels_have_no_decimal_mark(tmp_path):
    with pytest.raises(UsageError, match="--decimal and .* cannot be combined"):
        read(tmp_path, ["a", "b"] * 10, decimal=",", task="classify", roles=Roles(text="text", label="y"))
