#!/usr/bin/env bash
# DuckDB 2.0.1, reading Parquet that polars 2.1.0 or pyarrow 26.0.1 wrote: NaN is not found. `isnan(x)` is false of every row of a
# file that has NaN, so the count of faulty values is 0, while avg(x) of the same file is NaN; `NOT isnan(x)` filters
# nothing, `x > 10` drops the NaN rows that DuckDB counts as the largest numbers, and `x <= 10` keeps them. The same rows in
# a table of DuckDB, or in a file that it wrote, are right. Minimum and maximum in the file leave NaN out, as the format
# demands; the optimizer takes them for the bounds of all rows (open as issue 25521 of duckdb/duckdb).
# Way out: write null in place of NaN, or no statistics, or PRAGMA disable_optimizer.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

x = np.array([1.0, 2.0, np.nan, 3.0])
pl.DataFrame({"x": x}).write_parquet("polars.parquet")
pq.write_table(pa.table({"x": x}), "pyarrow.parquet")
duckdb.sql("CREATE TABLE held AS SELECT * FROM 'pyarrow.parquet'; COPY held TO 'duckdb.parquet'")
assert all(pl.read_parquet(f"{name}.parquet")["x"].is_nan().sum() == 1 for name in ("polars", "pyarrow", "duckdb"))


def show(name, source):
    wheres = ("isnan(x)", "NOT isnan(x)", "x > 10", "x <= 10")
    counts = (duckdb.sql(f"SELECT count(*) FROM {source} WHERE {where}").fetchall()[0][0] for where in wheres)
    print(f"{name}: {', '.join(f'{where} {n}' for where, n in zip(wheres, counts))};",
          "avg", duckdb.sql(f"SELECT avg(x) FROM {source}").fetchall()[0][0])


show("a table of DuckDB", "held")
for name in ("duckdb", "polars", "pyarrow"):
    show(f"a file of {name}", f"'{name}.parquet'")
pq.write_table(pa.table({"x": x}), "bare.parquet", write_statistics=False)
show("a file of pyarrow without statistics", "'bare.parquet'")
duckdb.sql("PRAGMA disable_optimizer")
show("a file of pyarrow, no optimizer", "'pyarrow.parquet'")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check duckdb==2.0.1 polars==2.1.0 pyarrow==26.0.1 \
  numpy==2.4.6 2> /dev/null
cd "$folder"
venv/bin/python try.py | tee seen
diff seen - <<'SEEN'
a table of DuckDB: isnan(x) 1, NOT isnan(x) 3, x > 10 1, x <= 10 3; avg nan
a file of duckdb: isnan(x) 1, NOT isnan(x) 3, x > 10 1, x <= 10 3; avg nan
a file of polars: isnan(x) 0, NOT isnan(x) 4, x > 10 0, x <= 10 4; avg nan
a file of pyarrow: isnan(x) 0, NOT isnan(x) 4, x > 10 0, x <= 10 4; avg nan
a file of pyarrow without statistics: isnan(x) 1, NOT isnan(x) 3, x > 10 1, x <= 10 3; avg nan
a file of pyarrow, no optimizer: isnan(x) 1, NOT isnan(x) 3, x > 10 1, x <= 10 3; avg nan
SEEN
