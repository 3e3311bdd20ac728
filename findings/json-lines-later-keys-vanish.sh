#!/usr/bin/env bash
# JSON lines where a key first comes late, as an event, a label or a second sensor does: polars 2.1.0 (read_ndjson, scan_ndjson) looks
# at the first 100 lines, duckdb 2.0.1 (read_json) at the first 20480, and a key that comes only after them is left out:
# no such column, no warning, even if all of the other lines have it. Both stop with an error at a text where a number was
# expected, so one trusts them to notice. duckdb also rounds where the sample had integers: 1.75 in line 20481 is read as
# 2. The pages say how many rows are looked at, not that keys are lost. pandas 3.1.1 and the json module have all.
# Way out: infer_schema_length=None for polars, sample_size=-1 for duckdb.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import json

import duckdb
import pandas
import polars

for early in (100, 20480):
    for before, after in ((early - 1, 1000), (early, 1000)):
        rows = [{"x": i} for i in range(before)] + [{"x": i, "label": "b"} for i in range(after)] + [{"x": 2, "label": "b"}]
        with open("t.jsonl", "w") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)
        with open("t.jsonl") as file:
            assert sum("label" in json.loads(line) for line in file) == after + 1
        assert list(pandas.read_json("t.jsonl", lines=True)) == ["x", "label"]
        print(f"key first in line {before + 1}: polars {polars.read_ndjson('t.jsonl').columns}",
              polars.scan_ndjson("t.jsonl").collect().columns,
              polars.read_ndjson("t.jsonl", infer_schema_length=None).columns, "duckdb", duckdb.sql("from 't.jsonl'").columns,
              duckdb.sql("from read_json('t.jsonl', sample_size=-1)").columns)
for before in (20479, 20480):
    with open("n.jsonl", "w") as file:
        file.writelines(json.dumps({"x": 5}) + "\n" for i in range(before))
        file.write('{"x": 1.75}\n')
    print(f"1.75 in line {before + 1}: duckdb", duckdb.sql("select min(x) from 'n.jsonl'").fetchall()[0][0],
          duckdb.sql("select min(x) from read_json('n.jsonl', sample_size=-1)").fetchall()[0][0], "pandas",
          float(pandas.read_json("n.jsonl", lines=True)["x"].min()))
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check polars==2.1.0 duckdb==2.0.1 pandas==3.1.1 \
  numpy==2.4.6 2> /dev/null
cd "$folder"
venv/bin/python try.py | tee seen
diff seen - <<'SEEN'
key first in line 100: polars ['x', 'label'] ['x', 'label'] ['x', 'label'] duckdb ['x', 'label'] ['x', 'label']
key first in line 101: polars ['x'] ['x'] ['x', 'label'] duckdb ['x', 'label'] ['x', 'label']
key first in line 20480: polars ['x'] ['x'] ['x', 'label'] duckdb ['x', 'label'] ['x', 'label']
key first in line 20481: polars ['x'] ['x'] ['x', 'label'] duckdb ['x'] ['x', 'label']
1.75 in line 20480: duckdb 1.75 1.75 pandas 1.75
1.75 in line 20481: duckdb 2 1.75 pandas 1.75
SEEN
