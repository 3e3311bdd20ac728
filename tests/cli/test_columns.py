"""classify, regress and tag from the command line, on small data that is made here."""

import csv
import io
import json

import numpy as np
import pytest

EPOCHS = ["--hidden", "16", "--epochs", "12", "--seed", "3"]


def trained(here, *arguments):
    """Train quietly; it must go well."""
    done = here("train", *arguments, "--quiet")
    assert done.code == 0, done.err


@pytest.fixture(scope="module")
def waves():
    """A long table: 60 series of unequal length, slow or fast waves, with their frequency as a number."""
    rng, rows = np.random.default_rng(0), ["series,t,x,speed,frequency"]
    for i in range(60):
        fast, phase = i % 2, rng.uniform(0, 6)
        frequency = rng.uniform(0.9, 1.1) * (1.2 if fast else 0.3)
        for t in range(rng.integers(12, 20)):
            x = "" if rng.random() < 0.03 else f"{np.sin(frequency * t + phase):.4f}"
            rows.append(f"s{i},{t},{x},{'fast' if fast else 'slow'},{frequency:.4f}")
    return "\n".join(rows) + "\n"


def test_a_long_table_is_classified_and_the_rows_join_by_their_group(here, waves):
    (here.folder / "waves.csv").write_text(waves)
    trained(here, "waves.csv", "--label", "speed", "--inputs", "x", "--group", "series", "--time", "t", *EPOCHS)
    found = here("predict", "waves.safetensors", "waves.csv", "--evaluate").json()
    assert found["n"] == 60
    assert found["accuracy"] >= 0.95
    assert set(found["per_class"]) == {"fast", "slow"}
    rows = [line.split("\t") for line in here("predict", "waves.safetensors", "waves.csv").out.decode().splitlines()]
    assert [row[2] for row in rows] == [f"s{i}" for i in range(60)]
    assert np.mean([row[0] == ("fast" if i % 2 else "slow") for i, row in enumerate(rows)]) == found["accuracy"]
    assert all(0.5 <= float(row[1]) <= 1 for row in rows)
    every = here("predict", "waves.safetensors", "waves.csv", "--proba", "--header").out.decode().splitlines()
    assert every[0] == "fast\tslow\tinput"
    assert all(abs(float(line.split("\t")[0]) + float(line.split("\t")[1]) - 1) < 2e-4 for line in every[1:])


def test_a_long_table_without_answers_is_predicted_and_not_evaluated(here, waves):
    (here.folder / "waves.csv").write_text(waves)
    trained(here, "waves.csv", "--label", "speed", "--inputs", "x", "--group", "series", "--epochs", "1", "-o", "m")
    (here.folder / "new.csv").write_text("\n".join(",".join(line.split(",")[:3]) for line in waves.splitlines()))
    assert len(here("predict", "m", "new.csv").out.decode().splitlines()) == 60
    failed = here("predict", "m", "new.csv", "--evaluate")
    assert failed.code == 1
    assert "new.csv" in failed.err


def test_numbers_are_predicted_for_each_series(here, waves):
    (here.folder / "waves.csv").write_text(waves)
    options = ["--task", "regress", "--target", "frequency", "--inputs", "x", "--group", "series"]
    trained(here, "waves.csv", *options, "--hidden", "16", "--epochs", "30")
    found = here("predict", "waves.safetensors", "waves.csv", "--evaluate").json()
    assert found["n"] == 60
    assert found["r2"] > 0.6
    rows = [line.split("\t") for line in here("predict", "waves.safetensors", "waves.csv").out.decode().splitlines()]
    assert 0.1 < float(rows[0][0]) < 0.7
    assert rows[1][1] == "s1"


def test_labelled_text_is_classified_and_bare_lines_are_predicted(here):
    rng = np.random.default_rng(1)
    lines = ["word\tkind"]
    for i in range(200):
        letters = "aeiou" if i % 2 else "bdgkt"
        lines.append("".join(rng.choice(list(letters + "s"), 6)) + "s\t" + ("vowels" if i % 2 else "stops"))
    (here.folder / "words.tsv").write_text("\n".join(lines))
    trained(here, "words.tsv", "--text", "word", "--label", "kind", "--hidden", "16", "--epochs", "6")
    out = here("predict", "words.safetensors", input=b"aeoias\nbdkgts\n").out.decode().splitlines()
    assert [(line.split("\t")[0], line.split("\t")[2]) for line in out] == [("vowels", "aeoias"), ("stops", "bdkgts")]


def test_numbers_are_predicted_for_each_text(here):
    rows = [f"{'good' if i % 2 else 'bad'} {i % 7}\t{i % 2 + 0.5}" for i in range(60)]
    here.write("a.tsv", "\n".join(["text\tscore", *rows]))
    options = ["--task", "regress", "--text", "text", "--target", "score", "--hidden", "8", "--epochs", "20"]
    trained(here, "a.tsv", *options, "-o", "m")
    found, bare = here("predict", "m", "a.tsv", "--evaluate").json(), here("predict", "m", input=b"good 1\nbad 2\n")
    assert (found["n"], found["r2"] > 0.8) == (60, True)
    (good, text), (bad, _) = bare.rows(2)
    assert (text, float(good) > float(bad)) == (b"good 1", True)


def test_labelled_text_to_predict_may_have_other_columns_and_separators(here):
    rows = [f"{'good' if i % 2 else 'bad'} {i}\t{'pos' if i % 2 else 'neg'}" for i in range(40)]
    here.write("a.tsv", "\n".join(["text\tlabel", *rows]))
    here.write("more.tsv", "\n".join(["id\ttext\tlabel", *(f"k{i}\t{row}" for i, row in enumerate(rows))]))
    here.write("a.csv", here.read("a.tsv").replace(b"\t", b","))
    trained(here, "a.csv", "--text", "text", "--label", "label", "--hidden", "4", "--epochs", "1", "-o", "m")
    plain, *others = here.each(*(("predict", "m", name, "--evaluate") for name in ("a.csv", "a.tsv", "more.tsv")))
    assert plain.json()["n"] == 40
    assert [other.json() for other in others] == [plain.json()] * 2
    out = here("predict", "m", input=b"good, not bad\nbad\n").rows(3)
    assert [row[2] for row in out] == [b"good, not bad", b"bad"]


def test_a_sequence_is_a_row_out_though_its_text_has_line_ends(here):
    here.write("a.csv", "label,text\n" + "".join(f'{"ab"[i % 2]},"one\ttab, {i}\ntwo"\n' for i in range(20)))
    trained(here, "a.csv", "--text", "text", "--label", "label", "--hidden", "4", "--epochs", "1", "-o", "m")
    tsv, csv_ = here.each(("predict", "m", "a.csv"), ("predict", "m", "a.csv", "--to", "csv"))
    assert [row[2] for row in tsv.rows(3)][:2] == [b'a,"one\ttab, 0\\ntwo"', b'b,"one\ttab, 1\\ntwo"']
    rows = list(csv.reader(io.StringIO(csv_.out.decode(), newline="")))
    assert (len(rows), rows[1][2]) == (21, 'a,"one\ttab, 0\ntwo"')


def tagged(seed, count=80):
    """Sentences in which the second column tells names, which are tagged as first and following tokens; else O."""
    rng, out = np.random.default_rng(seed), []
    for _ in range(count):
        inside = False
        for _ in range(rng.integers(3, 9)):
            name = rng.random() < 0.4
            word = "".join(rng.choice(list("abcdefgh"), 4))
            out.append(f"{word} {'NNP' if name else 'NN'} {('I' if inside else 'B') + '-N' if name else 'O'}")
            inside = name
        out.append("")
    return "\n".join(out) + "\n"


@pytest.mark.parametrize("field", ["--crf", "--no-crf"])
def test_tags_come_out_in_the_form_that_came_in(here, field):
    (here.folder / "train.txt").write_text(tagged(0))
    (here.folder / "test.txt").write_text(tagged(1, 20))
    trained(here, "train.txt", "--task", "tag", field, "--hidden", "16", "--epochs", "25", "-o", "m")
    found = here("predict", "m", "test.txt", "--evaluate").json()
    assert found["accuracy"] > 0.9
    assert found["f1"] > 0.8
    out = here("predict", "m", "test.txt").out.decode().split("\n")
    expected = tagged(1, 20).split("\n")
    assert [line.split("\t")[0] for line in out] == [line.split(" ")[0] for line in expected]
    if field == "--crf":
        tags = ["O", *(line.split("\t")[1] if line else "O" for line in out)]
        assert not [pair for pair in zip(tags, tags[1:], strict=False) if pair == ("O", "I-N")]


def test_numbers_name_columns_as_their_names_do(here, waves):
    here.write("waves.csv", waves)
    small = ["--hidden", "4", "--epochs", "1"]
    for name, (group, x, target) in (("names", ("series", "x", "frequency")), ("numbers", "135")):
        columns = ["--target", target, "--inputs", x, "--group", group, "-o", name]
        trained(here, "waves.csv", "--task", "regress", *columns, *small)
    assert here.read("names") == here.read("numbers")
    assert here("predict", "numbers", "waves.csv", "--header").out.startswith(b"frequency\t")


@pytest.mark.parametrize("threads", [1, 2])
def test_training_on_columns_gives_the_same_model_for_any_threads(here, waves, threads):
    (here.folder / "waves.csv").write_text(waves)
    options = ["--label", "speed", "--inputs", "x", "--group", "series", "--epochs", "3"]
    for out, n in (("a", "1"), ("b", str(threads))):
        trained(here, "waves.csv", *options, "--threads", n, "-o", out)
    assert (here.folder / "a").read_bytes() == (here.folder / "b").read_bytes()


def test_what_only_language_models_do_is_refused_with_both_named(here, waves):
    (here.folder / "waves.csv").write_text(waves)
    trained(here, "waves.csv", "--label", "speed", "--inputs", "x", "--group", "series", "--epochs", "1", "-o", "m")
    failed = here("predict", "m", "waves.csv", "--score")
    assert failed.code == 2
    assert "--score" in failed.err
    assert "classify" in failed.err
    for options in (["--follow"], ["waves.csv", "--state-file", "s"]):
        failed = here("predict", "m", *options)
        assert failed.code == 2
        assert "a whole sequence" in failed.message()
    assert json.loads(here("inspect", "m", "--json").out.decode())["schema"]["labels"] == ["fast", "slow"]
    assert b"fast" in here("inspect", "m").out


@pytest.mark.parametrize("options, said", [
    (["--label", "speeed", "--group", "series"], "speeed"),
    (["--task", "regress", "--group", "series"], "--target"),
    ([], "--group series"),
    (["--group", "series", "--time", "none"], "--label"),
])  # fmt: skip
def test_a_table_without_a_clear_task_says_what_to_name(here, waves, options, said):
    (here.folder / "waves.csv").write_text(waves)
    failed = here("train", "waves.csv", *options)
    assert failed.code in (1, 2)
    assert said in failed.err
    assert "Traceback" not in failed.err
    assert len(failed.err.strip().splitlines()) == 1
    assert not (here.folder / "waves.safetensors").exists()


def test_a_label_never_heard_of_counts_as_a_mistake(here, waves):
    (here.folder / "waves.csv").write_text(waves)
    options = ["--label", "speed", "--inputs", "x", "--group", "series"]
    trained(here, "waves.csv", *options, *EPOCHS)
    before = here("predict", "waves.safetensors", "waves.csv", "--evaluate").json()
    (here.folder / "other.csv").write_text(waves + "s99,0,0.5,sideways,1\ns99,1,0.6,sideways,1\n")
    after = here("predict", "waves.safetensors", "other.csv", "--evaluate").json()
    assert after["n"] == before["n"] + 1
    assert after["accuracy"] == pytest.approx(before["accuracy"] * 60 / 61)


@pytest.mark.parametrize(
    ("data", "options", "said"),
    [
        ("poem.txt", ["--horizon", "3", "--task", "language"], "--horizon has no effect with --task language"),
        ("poem.txt", ["--format", "text", "--noise", "0.1"], "--noise has no effect with --task language"),
        (
            "poem.txt",
            ["--format", "lines", "--bidirectional"],
            ": it is for --task classify, --task multilabel, --task regress, --task tag",
        ),
        ("table.csv", ["--target", "y", "--crf"], "--crf has no effect with --task forecast: it is for --task tag"),
        (
            "table.csv",
            ["--target", "y", "--task", "regress", "--level", "last"],
            "--level has no effect with --task regress",
        ),
        ("table.csv", ["--target", "y", "--tied"], "--tied has no effect with --task forecast"),
        ("poem.txt", ["--format", "lines", "--text", "line"], "--text and --format lines"),
        ("poem.txt", ["--task", "language", "--group", "line"], "--group has no effect with --task language"),
        ("poem.txt", ["--task", "language", "--format", "wide"], "--task language and --format wide"),
        ("table.csv", ["--label", "y", "--vocabulary", "5"], "--vocabulary has no effect with --task classify"),
    ],
)
def test_an_option_of_another_task_is_refused(here, data, options, said):
    here.write("poem.txt", "a line of it\n" * 40)
    here.write("table.csv", "t,y\n" + "".join(f"{t},{t % 7}\n" for t in range(50)))
    done = here("train", data, *options)
    assert done.code == 2 and said in done.err
    assert not list(here.folder.glob("*.safetensors*"))


@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        (
            "w,x\na,1\nb,2\n",
            [],
            "choose what to learn: --task language (the next token of a text), --label COLUMN (a label for each",
        ),
        (
            "1,2,3\n4,5\n",
            ["--format", "wide"],
            "--task regress (numbers for each sequence) or --task forecast (the next values of series)",
        ),
        (
            '{"x": [1, 2], "y": [1]}\n',
            ["--format", "jsonl"],
            "--label KEY (a label for each sequence), --task regress (numbers",
        ),
        ("w,x\na b,1\nb,2\n", ["--text", "w", "--target", "x"], "--target and texts need --task regress"),
    ],
)
def test_a_task_that_nothing_tells_is_asked_for(here, content, options, said):
    done = here("train", here.write("data.csv", content), *options)
    assert done.code == 2 and said in done.message()


@pytest.mark.parametrize(
    ("data", "options", "cases"),
    [
        ("poem.txt", [], {"--top 2": "classify", "--free-run 3": "forecast", "--proba": "classify"}),
        (
            "table.csv",
            ["--task", "regress", "--target", "y", "--inputs", "x", "--group", "t"],
            {"--next 2": "language", "--proba": "classify", "--score": "language, forecast", "--follow": "whole"},
        ),
        ("table.csv", ["--target", "y"], {"--per-token": "language", "--top-k 2": "language", "--proba": "classify"}),
    ],
)
def test_what_models_of_another_task_predict_is_refused(here, data, options, cases):
    here.write("poem.txt", "a line of it\n" * 40)
    here.write("table.csv", "t,x,y\n" + "".join(f"{t // 5},{t},{t // 5 % 7}\n" for t in range(50)))
    assert here("train", data, *options, "--hidden", "4", "--epochs", "1", "-o", "m", "-q").code == 0
    for option, meant_for in cases.items():
        done = here("predict", "m", *option.split())
        assert done.code == 2
        assert option.split()[0] in done.message()
        assert meant_for in done.message()
