"""`--valid FOLDER`: its files, as of DATA, for series, sequences and texts."""

import pytest

QUICK = ("--hidden", "3", "--epochs", "0.3", "-o")


def series(first):
    return "y\n" + "".join(f"{(first + i) % 5}\n" for i in range(40))


CONTENT = {
    "series": ("csv", series, ("--target", "y", "--learn", "all")),
    "tags": ("conll", lambda first: f"w{first} A\nv B\n\nu A\n\n" * 20, ("--task", "tag")),
    "text": ("txt", lambda first: f"some text {first} and so on\n\n" * 40, ("--format", "text")),
}


@pytest.mark.parametrize("kind", CONTENT)
def test_a_folder_is_its_files(here, kind):
    end, content, options = CONTENT[kind]
    here.write(f"t.{end}", content(0))
    (here.folder / "v").mkdir()
    for i in (1, 2):
        here.write(f"v/{i}.{end}", content(i))
    call = ("train", f"t.{end}", *options, *QUICK)
    done = here(*call, "m", "--valid", "v")
    assert done.code == 0, done.err
    assert "for validation from v" in done.err
    (here.folder / "empty").mkdir()
    assert "empty: a folder without files" in here(*call, "n", "--valid", "empty", "--quiet").message()
