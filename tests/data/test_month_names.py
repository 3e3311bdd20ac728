"""Dates with names of months of other languages are read, and written as they were."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from rnncli.data.times.month_names import LANGUAGES, NAMES
from rnncli.data.times.stamp_forms import all_dated, form_of, parse_times
from rnncli.data.times.stamp_writing import write_time
from rnncli.data.times.stamps import form, parse

DAYS = [date(2024, 2, 29), date(2024, 8, 1), date(2024, 10, 15), date(2024, 3, 31)]
#: these days as Babel 2.17 writes them, long and of medium length: the names are those of Unicode's CLDR
BABEL = {
    "de": ["29. Februar 2024", "1. August 2024", "15. Oktober 2024", "31. März 2024"],
    "fr": ["29 février 2024", "1 août 2024", "15 octobre 2024", "31 mars 2024"],
    "fr1.": ["29 févr. 2024", "1 août 2024", "15 oct. 2024", "31 mars 2024"],
    "es": ["29 de febrero de 2024", "1 de agosto de 2024", "15 de octubre de 2024", "31 de marzo de 2024"],
    "es1": ["29 feb 2024", "1 ago 2024", "15 oct 2024", "31 mar 2024"],
    "it": ["29 febbraio 2024", "1 agosto 2024", "15 ottobre 2024", "31 marzo 2024"],
    "it1": ["29 feb 2024", "1 ago 2024", "15 ott 2024", "31 mar 2024"],
    "pt": ["29 de fevereiro de 2024", "1 de agosto de 2024", "15 de outubro de 2024", "31 de março de 2024"],
    "pt1.": ["29 de fev. de 2024", "1 de ago. de 2024", "15 de out. de 2024", "31 de mar. de 2024"],
    "nl": ["29 februari 2024", "1 augustus 2024", "15 oktober 2024", "31 maart 2024"],
    "nl1": ["29 feb 2024", "1 aug 2024", "15 okt 2024", "31 mrt 2024"],
    "sv": ["29 februari 2024", "1 augusti 2024", "15 oktober 2024", "31 mars 2024"],
    "da": ["29. februar 2024", "1. august 2024", "15. oktober 2024", "31. marts 2024"],
}


def dates(texts, **options):
    """What is read, and the one form."""
    found, forms = parse_times(pl.Series(texts), **options)
    return [None if us is None else np.datetime64(us, "us").astype("datetime64[D]").item() for us in found], forms


@pytest.mark.parametrize("tag", BABEL)
def test_dates_of_babel_are_read_and_written_again(tag):
    found, forms = dates(BABEL[tag])
    assert found == DAYS
    assert len(forms) == 1 and f"[{tag}]" in forms[0]
    assert [write_time(np.datetime64(day, "us"), forms[0]) for day in DAYS] == BABEL[tag]


@pytest.mark.parametrize(("tag", "names"), [(tag, text) for tag, texts in LANGUAGES.items() for text in texts])
@pytest.mark.parametrize("change", [str, str.upper, str.lower, str.title])
def test_all_months_of_a_year_whatever_the_case(tag, names, change):
    texts = [f"{change(name)} 1999" for name in names.split()]
    found, forms = dates(texts)
    assert found == [date(1999, month, 1) for month in range(1, 13)]
    assert [write_time(np.datetime64(day, "us"), forms[-1]) for day in found] == texts


def test_accents_may_be_lacking():
    texts = ["1 fevrier 2024", "1 mars 2024", "1 aout 2024", "1 decembre 2024"]
    found, forms = dates(texts)
    assert [day.month for day in found] == [2, 3, 8, 12]
    assert [write_time(np.datetime64(day, "us"), forms[0]) for day in found] == texts


def test_the_names_of_training_are_kept_where_few_rows_do_not_tell_the_language():
    assert parse(pl.Series(["Mai 2021"]), "%[de2]B %Y")[1] == "%[de2]B %Y"
    assert parse(pl.Series(["mai 2021"]), "%#[fr1.]B %Y")[1] == "%#[fr1.]B %Y"
    assert parse(pl.Series(["mai 2021", "juin 2021"]), "%#[de]B %Y")[1] == "%#[fr]B %Y"


@pytest.mark.parametrize(
    ("texts", "right"),
    [
        (["1er janvier 2015", "2 janvier 2015"], [date(2015, 1, 1), date(2015, 1, 2)]),
        (["January 1st, 2015", "January 2nd, 2015"], [date(2015, 1, 1), date(2015, 1, 2)]),
        (["3rd of March 2015", "24th of March 2015"], [date(2015, 3, 3), date(2015, 3, 24)]),
        (["1 Sept. 2020", "1 Oct. 2020"], [date(2020, 9, 1), date(2020, 10, 1)]),
        (["2015-janv.", "2015-févr."], [date(2015, 1, 1), date(2015, 2, 1)]),
        (["T1 2015", "T2 2015"], [date(2015, 1, 1), date(2015, 4, 1)]),
        (["1990:Q1", "1990:Q2"], [date(1990, 1, 1), date(1990, 4, 1)]),
        (["Q1'15", "Q2'15"], [date(2015, 1, 1), date(2015, 4, 1)]),
        (["2020-S1", "2020-S2"], [date(2020, 1, 1), date(2020, 7, 1)]),
        (["H1 2020", "H2 2020"], [date(2020, 1, 1), date(2020, 7, 1)]),
        (["KW 05 2020", "KW 06 2020"], [date.fromisocalendar(2020, 5, 1), date.fromisocalendar(2020, 6, 1)]),
        (["Week 9 2020", "Week 10 2020"], [date.fromisocalendar(2020, 9, 1), date.fromisocalendar(2020, 10, 1)]),
        (["۲۰۲۴-۰۱-۳۱", "۲۰۲۴-۰۲-۰۱"], [date(2024, 1, 31), date(2024, 2, 1)]),
        (["١ janvier ٢٠٢٤"], [date(2024, 1, 1)]),
        (["2024-01-31 00:00 - 2024-01-31 01:00", "2024-01-31 23:00 - 24:00"], [date(2024, 1, 31)] * 2),
        (["2024-01-31T00:00Z/2024-01-31T01:00Z"], [date(2024, 1, 31)]),
        (["2024-01-31 - 2024-02-01"], [None]),
        (["2024年1月31日", "2024年12月1日"], [date(2024, 1, 31), date(2024, 12, 1)]),
        (["2024년 1월"], [date(2024, 1, 1)]),
        (["mardi 3 truc 2020"], [None]),
    ],
)
def test_other_ways_to_write_a_date(texts, right):
    assert dates(texts)[0] == right


def test_halves_of_a_year_are_written_again():
    assert write_time(np.datetime64("2020-07-01", "us"), "%Y-S%h") == "2020-S2"
    assert write_time(np.datetime64("2020-06-30", "us"), "H%h %Y") == "H1 2020"


@pytest.mark.parametrize(
    ("texts", "months"),
    [
        (["Jan-20", "Feb-20", "Mar-20"], True),
        (["Dec-20", "Nov-20", "Oct-20"], True),
        (["Jan-20", "Jan-20", "Feb-20", "Feb-20"], True),
        (["Mar-20", "Jun-20", "Sep-20", "Dec-20", "Mar-21"], True),
        (["20-Jan", "20-Feb", "20-Mar"], True),
        (["Jan '20", "Feb '20"], True),
        (["Jan-10", "Jan-11", "Jan-12"], False),  # days of January
        (["10-Jan", "11-Jan", "12-Jan"], False),
        (["ene-20", "feb-20", "mar-20"], True),
    ],
)
def test_a_month_with_two_digits_is_of_that_year_where_months_follow(texts, months):
    assert all_dated(pl.Series(texts)) == months


def test_a_tag_is_of_a_known_language_and_of_names_of_months():
    for text in ("%[xx]B", "%[fr9]B", "%[fr]d", "%[fr]b"):
        with pytest.raises(ValueError, match="fr|xx"):
            form(text)
    with pytest.raises(ValueError, match="xx"):
        NAMES.name_of(1, "xx")
    assert form("%d %[fr1.]B %Y").letters == {"d", "B", "Y"}


def test_words_are_of_one_language():
    assert NAMES.tag_of(["mai", "juin"]) == "fr"
    assert NAMES.tag_of(["mai", "mayo"]) is None
    assert [NAMES.number_of(word) for word in ("Août", "aout", "AOÛT", "sept.", "truc")] == [8, 8, 8, 9, 0]
    assert form_of("1 truc 2020") is None
