"""Labels that the names of files, or of their folders, tell."""

import pytest

from rnncli.errors import RnncliError
from rnncli.readers.file_labels import FileLabels

NAMES = {
    "walk-01.csv": "walk",
    "walk.csv.gz": "walk",
    "walk01.csv": "walk",
    "walk_2024-01-31_7.csv": "walk",
    "a/b/walk (3).npy": "walk",
    "07_walk.txt": "walk",
    "0003-left_turn-12.csv": "left_turn",
    "größe-1.csv": "größe",
    "歩く_02.csv": "歩く",
    "2walk.csv": "2walk",
}


@pytest.mark.parametrize("path", NAMES)
def test_a_name_without_the_numbers_at_its_ends(path):
    assert FileLabels("name").label(path) == NAMES[path]


def test_parts_of_a_name_and_folders_by_their_number():
    path = "data/walk/s1/0_anna-12.csv"
    found = {rule: FileLabels(rule).label(path) for rule in ("name:1", "name:2", "name:3", "folder", "folder:2")}
    assert found == {"name:1": "0", "name:2": "anna", "name:3": "12", "folder": "s1", "folder:2": "walk"}


def test_a_folder_that_is_not_named_is_the_one_that_the_command_runs_in(tmp_path, monkeypatch):
    (tmp_path / "walk").mkdir()
    monkeypatch.chdir(tmp_path / "walk")
    assert FileLabels("folder").label("01.csv") == "walk"
    assert FileLabels("folder").label("../run/01.csv") == "run"


REFUSED = {
    "only numbers": ("name", ["01.csv", "02.csv"], "01.csv: the name has nothing but numbers"),
    "no such part": ("name:3", ["walk-1.csv"], "the name has 2 part(s)"),
    "stdin": ("name", ["-"], "<stdin>: has no name of a file"),
    "a pipe": ("folder", ["/dev/fd/63"], "has no name of a file"),
    "two parts": ("name", ["1_walk_anna_1", "2_run_anna_1", "3_run_ben_2"], "name:2 takes walk, name:3 takes anna"),
    "one label": ("name", ["walk-1", "walk-2"], "walk is the only label of 2 file(s) by --label-from name"),
    "one folder": ("folder", ["a/x/raw/1", "a/y/raw/2"], "try --label-from folder:2 or name"),
    "levels": ("folder", ["walk/s1/1", "run/s1/2", "run/s2/3"], "folder:2 takes walk, folder:1 takes s1"),
    "depths": ("folder", ["a/readme", "a/walk/1"], "a/readme and a/walk/1: folders of different depths"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_may_be_meant_in_several_ways_is_refused(name):
    rule, paths, expected = REFUSED[name]
    with pytest.raises(RnncliError) as error:
        FileLabels(rule).check(paths)
    assert expected in str(error.value)


def test_several_parts_are_no_matter_if_one_differs_or_their_number():
    FileLabels("name").check(["exp_walk_1", "exp_run_1"])
    FileLabels("name").check(["left_turn_1", "stand_1", "stand_2"])
    FileLabels("folder:1").check(["walk/s1/1", "run/s1/2", "run/s2/3"])
    FileLabels("folder").check(["set/a/raw", "set/b/raw"])
