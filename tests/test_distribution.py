"""What is published: a source distribution of all that git tracks, a wheel of the package, one version."""

import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest

from rnncli import __version__

ROOT = Path(__file__).parents[1]
NAME = f"rnncli-{__version__}"
BUILD = "from setuptools import build_meta as b; print(b.build_sdist('dist')); print(b.build_wheel('dist'))"


@pytest.fixture(scope="module")
def tracked():
    """Names of all files that git tracks; a source distribution has no git, and what is in it is what there is."""
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        pytest.skip("not a clone")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return {name for name in listed.split("\0") if name and (ROOT / name).exists()}


@pytest.fixture(scope="module")
def dist(tracked, tmp_path_factory):
    """The folder of the two archives, built from a copy of what git tracks."""
    folder = tmp_path_factory.mktemp("distribution")
    for name in tracked:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    done = subprocess.run([sys.executable, "-c", BUILD], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder / "dist"


def test_a_source_distribution_holds_all_that_git_tracks(dist, tracked):
    with tarfile.open(dist / f"{NAME}.tar.gz") as archive:
        names = {member.name.removeprefix(f"{NAME}/") for member in archive if member.isfile()}
    made = {"PKG-INFO", "setup.cfg"}
    assert {name for name in names - made if ".egg-info/" not in name} == tracked


def test_a_wheel_holds_the_package_and_its_licence(dist, tracked):
    with zipfile.ZipFile(dist / f"{NAME}-py3-none-any.whl") as archive:
        names = set(archive.namelist())
        metadata = message_from_bytes(archive.read(f"{NAME}.dist-info/METADATA"))
        scripts = archive.read(f"{NAME}.dist-info/entry_points.txt").decode()
    beside = {name for name in names if name.startswith(f"{NAME}.")}
    assert {name for name in beside if ".dist-info/" not in name} == {f"{NAME}.data/data/share/man/man1/rnncli.1"}
    assert names - beside == {name for name in tracked if "rnncli/" in name[:7]}
    assert f"{NAME}.dist-info/licenses/LICENSE" in names
    assert scripts.split() == ["[console_scripts]", "rnncli", "=", "rnncli.__main__:main"]
    assert metadata["Version"] == __version__
    assert metadata["Author"] == "rnncli contributors"
    assert metadata["License-Expression"] == "MIT"
    assert metadata["Keywords"]


def test_the_newest_version_of_the_changelog_is_the_version():
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest and newest[1] == __version__


def test_the_version_is_written_once():
    assert re.search(r'^dynamic = \["version"\]$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert __version__ not in (ROOT / "CITATION.cff").read_text()


def test_every_finding_is_a_script_that_make_findings_runs():
    scripts = sorted((ROOT / "findings").glob("*.sh"))
    assert scripts
    assert {path.name for path in (ROOT / "findings").iterdir()} == {"README.md", *(path.name for path in scripts)}
    assert len((ROOT / "findings" / "README.md").read_text().splitlines()) == 3
    for script in scripts:
        assert subprocess.run(["bash", "-n", script], check=False).returncode == 0, script
