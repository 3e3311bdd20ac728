"""Folders given as DATA."""

import pytest

from rnncli.errors import Notes, RnncliError, UsageError
from rnncli.readers.folders import files_of, note_trained, say_folders


@pytest.fixture
def made(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def make(*names):
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("1\n2\n")

    return make


def test_files_in_the_order_of_their_names_without_what_is_no_data(made):
    made("d/b/1.csv", "d/a/10.csv", "d/a/2.csv.gz", "d/.git/x.csv", "d/a/.DS_Store", "d/README.md", "d/LICENSE")
    made("d/m.safetensors", "d/m.safetensors.checkpoint", "d/__MACOSX/a/1.csv", "x.csv")
    assert files_of(["x.csv", "d"]) == ["x.csv", "d/a/10.csv", "d/a/2.csv.gz", "d/b/1.csv"]
    assert files_of(["d/README.md", "-"]) == ["d/README.md", "-"]  # what is named is read


def test_texts_may_be_called_anything_but_other_forms_are_not_mixed(made):
    made("d/51120", "d/0001.ea7e79", "d/a.txt")
    assert len(files_of(["d"])) == 3
    made("d/b.csv")
    with pytest.raises(RnncliError, match=r"d: files of several kinds \(3 files of text, 1 .csv file: d/0001.ea7e79"):
        files_of(["d"])


def test_a_folder_of_nothing_is_refused(made):
    made("d/.hidden")
    with pytest.raises(RnncliError, match="d: a folder without files"):
        files_of(["d"])


def test_folders_that_may_be_labels_are_named_with_the_option(made):
    made("d/walk/1.csv", "d/walk/2.csv", "d/run/1.csv", "d/run/2.csv")
    with pytest.raises(UsageError, match=r"4 files in 2 folders, run \(2\), walk \(2\): --label-from folder learns"):
        say_folders(["d"], chosen=False)
    said = []
    Notes.begin(said.append)
    say_folders(["d", "d/walk", "d/walk/1.csv"], chosen=True)
    Notes.begin(None)
    assert said == [
        "d: a folder, read as its 4 .csv files in 2 folders, run (2), walk (2)",
        "d/walk: a folder, read as its 2 .csv files",
    ]


@pytest.mark.parametrize(
    ("data", "valid", "found"),
    [
        (["d"], "d/2.txt", "d/2.txt"),
        (["d/1.txt", "d/../d/2.txt"], "d", "d"),
        (["d/1.txt"], "d/2.txt", None),
        (["-"], "-", None),
        (["d/1.txt"], None, None),
    ],
)
def test_a_file_that_is_trained_and_validated_on_is_said(made, data, valid, found):
    made("d/1.txt", "d/2.txt")
    said = []
    Notes.begin(said.append)
    note_trained(files_of(data), valid)
    Notes.begin(None)
    assert said == [f"--valid {found} is trained on too: its figures are not those of new data"] * bool(found)
