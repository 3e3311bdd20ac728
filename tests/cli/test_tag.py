"""Rows of tags: they fit the lines of the input, whatever its form."""

import json

import pytest

QUICK = ["--task", "tag", "--hidden", "4", "--epochs", "1", "--quiet", "-o", "m"]
CONLL = "The DT B-NP\ndog NN I-NP\n\nIt PRP B-NP\n. . O\n\n" * 3


def lines(here, *arguments, **options):
    """What predict gives."""
    done = here("predict", "m", *arguments, **options)
    assert done.code == 0, done.err
    return done.out.decode().splitlines()


@pytest.mark.parametrize("timed", [True, False])
def test_rows_of_a_long_table_are_in_the_order_of_its_rows(here, timed):
    times = ["2024-01-02", "2024-01-01", "2024-01-03"]  # of every group, which take turns
    rows = [(f"g{i}", time, "dog" if time < "2024-01-03" else "cat") for time in times for i in range(6)]
    here.write("t.csv", "who,t,word,l\n" + "".join(f"{','.join(row)},{row[2][0]}\n" for row in rows))
    options = ["--tag", "l", "--group", "who", "--inputs", "word", *(["--time", "t"] if timed else [])]
    assert here("train", "t.csv", *options, *QUICK).code == 0
    out = [line.split("\t") for line in lines(here, "t.csv", "--header")]
    assert out[0] == ["tag", "group", "time" if timed else "step"]
    assert {row[0] for row in out[1:]} <= {"c", "d"}
    expected = [[who, time if timed else str(times.index(time))] for who, time, _ in rows]
    assert [row[1:] for row in out[1:]] == expected


def test_rows_of_several_tables_are_in_their_order(here):
    here.write("1.csv", "g,x,l\n" + "a,1,u\nb,2,v\n" * 4)
    here.write("2.csv", "g,x,l\n" + "c,1,u\na,3,u\nc,2,v\nd,1,u\n")
    assert here("train", "1.csv", "2.csv", "--group", "g", "--inputs", "x", "--tag", "l", *QUICK).code == 0
    out = [line.split("\t")[1:] for line in lines(here, "1.csv", "2.csv")]
    assert out == [[g, str(i)] for i in range(4) for g in "ab"] + [["c", "0"], ["a", "4"], ["c", "1"], ["d", "0"]]


@pytest.mark.parametrize(("x", "more"), [([[1, 2], [3, 4]], {}), (["a", "b"], {"token": ["a", "b"]})])
def test_rows_of_json_lines_name_their_sequence_and_step(here, x, more):
    here.write("t.jsonl", (json.dumps({"x": x, "y": ["u", "v"]}) + "\n") * 5)
    assert here("train", "t.jsonl", *QUICK).code == 0
    out = [json.loads(line) for line in lines(here, "t.jsonl", "--json")]
    steps = [{"sequence": i, "step": k} | {name: v[k] for name, v in more.items()} for i in range(1, 6) for k in (0, 1)]
    assert [{name: value for name, value in row.items() if name != "tag"} for row in out] == steps


@pytest.mark.parametrize(
    "text",
    [
        CONLL,
        CONLL.removesuffix("\n"),
        CONLL.removesuffix("\n\n"),
        "\n\n" + CONLL.replace("\n\n", "\n\n \n"),
        "-DOCSTART- -X- O\n\n" + CONLL + "-DOCSTART- -X- O\n" + CONLL,
    ],
)
def test_a_line_of_tagged_text_is_a_line_of_tags(here, text):
    here.write("t.txt", text)
    assert here("train", "t.txt", *QUICK).code == 0
    out = lines(here, "t.txt")
    assert [line.split("\t")[0] for line in out] == [line.split(" ")[0] for line in text.splitlines()]
    assert all(line == "-DOCSTART-\tO" for line in out if line.startswith("-D"))
    rows = [line.split(",") for line in lines(here, "t.txt", "--to", "csv")]
    assert rows[:4] == [
        ["tag", "sequence", "step", "token"],
        *([row[0], "1", str(i), token] for i, (row, token) in enumerate(zip(rows[1:], ["The", "dog"], strict=False))),
        [rows[3][0], "2", "0", "It"],
    ]


def test_lines_of_several_tagged_files_are_those_of_each(here):
    here.write("1.txt", CONLL.removesuffix("\n"))
    here.write("2.txt", "\n" + CONLL)
    assert here("train", "1.txt", "2.txt", *QUICK).code == 0
    assert lines(here, "1.txt", "2.txt") == lines(here, "1.txt") + lines(here, "2.txt")


def test_words_of_conllu_alone_are_rows(here):
    word = "{0}\tw{0}\t_\tNOUN\tN\t_\t0\troot\t_\t_\n"
    text = "# text = w1\n1-2\tw12" + "\t_" * 8 + "\n" + word.format(1) + word.format(2).replace("NOUN", "VERB")
    text += "2.1\tw" + "\t_" * 8 + "\n\n"
    here.write("t.conllu", text * 5)
    assert here("train", "t.conllu", *QUICK).code == 0
    assert [line.split("\t")[0] for line in lines(here, "t.conllu")] == ["w1", "w2", ""] * 5
