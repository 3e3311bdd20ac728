"""The first rows of a table, by which its columns are guessed."""

from rnncli.data import polars as pl
from rnncli.readers.form import Form
from rnncli.readers.forms import sample_rows
from rnncli.readers.parquet import first_of, scan
from rnncli.readers.record_table import first_records


def first_rows(path: str, form: Form, encoding: str) -> "pl.DataFrame":
    """As texts, but where columns have a type; rows of another width are for the reader to complain of."""
    if form.records:
        return first_records(path, form, encoding)
    if form.separator is None:
        return first_of(path, scan(path))
    rows = [row for row in sample_rows(path, form, encoding) if len(row) == len(form.columns)]
    columns = {name: [row[i] for row in rows] for i, name in enumerate(form.columns)}
    return pl.DataFrame(columns, schema_overrides=dict.fromkeys(form.columns, pl.String))
