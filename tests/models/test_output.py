"""Outputs never destroy an input or what is no file, and are there whole or not at all."""

import os
import stat

import pytest

from rnncli.errors import RnncliError, UsageError
from rnncli.models.output import Output, check_outputs, is_null, write_whole


def check(path, *inputs, replaces=True):
    check_outputs([Output("--out", str(path), replaces)], [("the input", str(name)) for name in inputs])


@pytest.fixture
def data(tmp_path):
    path = tmp_path / "data.txt"
    path.write_text("old")
    return path


def names_of(data):
    """Other names of the same file."""
    link, hard = data.with_name("link"), data.with_name("hard")
    link.symlink_to(data.name)
    hard.hardlink_to(data)
    return [data, link, hard, f"{data.parent}/./data.txt", os.path.relpath(data)]


def test_an_input_is_no_output_under_any_name(data):
    for name in names_of(data):
        with pytest.raises(UsageError, match=r"the input .*data.txt and --out .* are the same file"):
            check(name, "-", data.with_name("another"), data)


def test_two_outputs_go_to_two_files(data):
    new = data.with_name("new")
    for one, other in [(data, data), (new, new), (data.with_name("to_new"), new)]:
        if one != other:
            one.symlink_to("new")
        with pytest.raises(UsageError, match="-o and --log name the same file"):
            check_outputs([Output("-o", str(one)), Output("--log", str(other), replaces=False)], [])
    check_outputs([Output("-o", str(new)), Output("--log", None), Output("--state-file", str(data))], [])
    check_outputs([Output("-o", os.devnull), Output("--log", os.devnull, replaces=False)], [])


def test_a_fifo_and_a_socket_are_refused(tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with pytest.raises(UsageError, match="a FIFO, expected the name of a file to write"):
        check(fifo)
    with pytest.raises(RnncliError, match="not a regular file, nothing was written"):
        write_whole(str(fifo), b"new")
    assert stat.S_ISFIFO(fifo.stat().st_mode)
    link = tmp_path / "link"
    link.symlink_to("fifo")
    with pytest.raises(UsageError, match="a FIFO"):
        check(link)


def node(path, major, minor, kind=stat.S_IFCHR):
    try:
        os.mknod(path, 0o666 | kind, os.makedev(major, minor))
    except PermissionError:
        pytest.skip("only root may make a device")
    return path


def test_a_device_is_refused_and_stays(tmp_path):
    for name, major, minor, kind in [("full", 1, 7, stat.S_IFCHR), ("disk", 7, 250, stat.S_IFBLK)]:
        path = node(tmp_path / name, major, minor, kind)
        with pytest.raises(UsageError, match="a device, expected the name of a file to write"):
            check(path)
        assert stat.S_IFMT(path.stat().st_mode) == kind


def test_the_null_device_takes_everything_and_stays(tmp_path):
    null = node(tmp_path / "null", 1, 3)
    assert is_null(str(null))
    check(null)
    write_whole(str(null), b"new")
    assert stat.S_ISCHR(null.stat().st_mode)
    assert os.listdir(tmp_path) == ["null"]
    assert not is_null(str(tmp_path)) and not is_null(str(tmp_path / "missing"))


def test_of_a_link_the_target_is_written(tmp_path):
    (tmp_path / "place").mkdir()
    for name, target in [("link", "place/real"), ("again", "link")]:
        (tmp_path / name).symlink_to(target)
        check(tmp_path / name)
        write_whole(str(tmp_path / name), name.encode())
        assert (tmp_path / name).is_symlink()
        assert (tmp_path / "place/real").read_bytes() == name.encode()
    assert sorted(os.listdir(tmp_path)) == ["again", "link", "place"]


def test_a_file_keeps_its_permissions(data):
    data.chmod(0o640)
    write_whole(str(data), b"new")
    assert data.read_bytes() == b"new"
    assert stat.S_IMODE(data.stat().st_mode) == 0o640


def test_a_place_where_nothing_may_be_written_is_found_out_before(data, tmp_path, monkeypatch):
    with pytest.raises(RnncliError, match="a folder, expected the name of a file"):
        check(tmp_path)
    with pytest.raises(RnncliError, match="missing/file: cannot write in its folder .no such file"):
        check(tmp_path / "missing" / "file")
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(RnncliError, match="data.txt: cannot write .permission denied"):
        check(data)
    with pytest.raises(RnncliError, match="permission denied"):
        check(data, replaces=False)
    assert os.listdir(tmp_path) == ["data.txt"]


def test_a_name_that_is_none_is_refused_before(tmp_path):
    (tmp_path / "loop").symlink_to("loop")
    for name in ("loop", "folder/", "zero\0byte"):
        with pytest.raises(RnncliError, match="not a valid file name"):
            check(f"{tmp_path}/{name}")
    with pytest.raises(RnncliError, match="file name too long"):
        check(tmp_path / ("x" * 256))
    check(tmp_path / ("x" * 255))
    write_whole(str(tmp_path / ("x" * 255)), b"new")


def test_in_a_folder_such_as_tmp_files_of_others_stay(data, monkeypatch):
    data.parent.chmod(0o1777)
    monkeypatch.setattr(os, "geteuid", lambda: data.stat().st_uid + 12345)
    with pytest.raises(RnncliError, match="permission denied"):
        check(data)
    check(data.with_name("new"))
    check(data, replaces=False)


def test_what_fails_leaves_the_old_file_and_no_other(data, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RnncliError, match="no space left on device"):
        write_whole(str(data), b"new")
    assert data.read_text() == "old"
    assert os.listdir(data.parent) == ["data.txt"]
