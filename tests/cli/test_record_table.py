"""Tables of JSON and ARFF from the command line: columns by name, a guess of the time, rows out as of a CSV."""

import json


def rows(count, begin=0):
    return [{"time": f"2024-01-01T{i:02d}:00", "level": i % 4 + 0.5, "on": i % 2 == 0} for i in range(begin, count)]


def written(here, name, found):
    here.write(name, json.dumps(found) if name.endswith(".json") else "".join(json.dumps(one) + "\n" for one in found))


def test_json_lines_arrays_and_csv_give_the_same_rows(here):
    written(here, "a.jsonl", rows(24))
    written(here, "a.json", rows(24))
    here.write(
        "a.csv", "time,level,on\n" + "".join(f"{r['time']},{r['level']},{str(r['on']).lower()}\n" for r in rows(24))
    )
    found = []
    for name in ("a.jsonl", "a.json", "a.csv"):
        done = here("train", name, "--target", "level", "--epochs", "0.2", "--hidden", "3", "-o", "m")
        assert done.code == 0 and f"{name}: the times of the rows are those of column time" in done.err
        found += [here("predict", "m", other).out for other in ("a.jsonl", "a.json", "a.csv")]
    assert len(set(found)) == 1 and found[0].startswith(b"2024-01-02T00:00\t")
    assert "--format table --target level" in here("train", "a.json", "--target", "level", "--explain").out.decode()


def test_a_plain_arff_says_how_to_learn_it(here):
    header = "@relation r\n@attribute length numeric\n@attribute width numeric\n@attribute kind {x,y}\n@data\n"
    here.write("a.arff", header + "".join(f"{i},{i % 3},{'xy'[i % 2]}\n" for i in range(20)))
    done = here("train", "a.arff")
    assert done.code == 2 and "a.arff: ARFF with header, columns length, width, kind: choose what to learn" in done.err
