"""The documentation is true: its commands run, its option reference is the help texts."""

import importlib.util
import itertools
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from rnncli import registry
from tests import fork_server

ROOT = Path(__file__).parents[1]
PAGES = ("README.md", "docs/cookbook-text.md", "docs/cookbook-series.md", "docs/scale.md", "docs/views.md")
EVERY_PAGE = sorted(path.relative_to(ROOT).as_posix() for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")))


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def recipes_of(page: str) -> list[str]:
    """The blocks of commands, in order."""
    return re.findall(r"^```sh\n(.*?)^```", text_of(page), re.M | re.S)


def anchors_of(page: str) -> set[str]:
    """What a link can point at: each heading in small letters, hyphens for spaces."""
    headings = re.findall(r"^#+ (.*)$", text_of(page), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_page_with_recipes_is_run():
    assert {page for page in EVERY_PAGE if recipes_of(page)} == set(PAGES)


@pytest.mark.parametrize("page", EVERY_PAGE)
def test_every_link_leads_to_a_file_and_a_heading_of_the_project(page):
    for link in re.findall(r"\]\(([^)\s]+)\)", text_of(page)):
        if link.startswith("http"):
            continue
        name, _, anchor = link.partition("#")
        target = ((ROOT / page).parent / name).resolve() if name else ROOT / page
        assert target.exists(), link
        assert not anchor or anchor in anchors_of(target.relative_to(ROOT).as_posix()), link


def test_the_readme_is_short_and_leads_to_every_page():
    readme = text_of("README.md")
    assert len(readme.splitlines()) <= 120
    assert len(recipes_of("README.md")) == 6
    assert readme.count("![") == 1
    assert [page for page in EVERY_PAGE if page != "README.md" and f"]({page})" not in readme] == []


def test_every_view_is_explained_with_a_picture():
    page = text_of("docs/views.md")
    for view in registry.names("views"):
        assert f"]({view}.svg)" in page
        assert f"## {view.capitalize()}\n" in page


def files_named(text: str) -> list[str]:
    """The files of the project that stand in a text, in order."""
    return re.findall(r"`((?:rnncli|tests|docs)/[\w./*-]+\.(?:py|md))`", text)


def test_every_file_that_contributors_are_sent_to_is_there():
    named = files_named(text_of("CONTRIBUTING.md"))
    assert len(set(named)) > 30
    missing = {name for name in named if not list(ROOT.glob(name)) and "NAME" not in name}
    assert not missing


def test_the_three_walks_pass_no_room_twice():
    _, *walks = re.split(r"^\*\*.*\*\*$", text_of("CONTRIBUTING.md").partition("## Three walks")[2], flags=re.M)
    assert len(walks) == 3
    for walk in walks:
        steps = "\n".join(line for line in walk.splitlines() if re.match(r"\d+\. |   ", line))
        rooms = [room for room, _ in itertools.groupby(name.split("/")[1] for name in files_named(steps))]
        assert len(rooms) == len(set(rooms)) >= 5


def test_the_table_of_rooms_has_every_folder():
    rooms = re.findall(r"^\| `(\w+)` \|", text_of("CONTRIBUTING.md"), re.M)
    assert sorted(rooms) == sorted(path.parent.name for path in ROOT.glob("rnncli/*/__init__.py"))


def test_a_term_has_one_meaning():
    rows = re.findall(r"^\| ([^|]+) \| (.+) \|$", text_of("docs/glossary.md"), re.M)
    terms = [term for term, meaning in rows if not term.startswith("-") and meaning != "meaning"]
    assert len(terms) == len(set(terms)) >= 30
    assert all(meaning.endswith(".") and meaning.count(". ") == 0 for term, meaning in rows if term in terms)


@pytest.fixture(scope="module")
def environment():
    with fork_server.commands() as environment:
        yield environment


@pytest.fixture
def shell(tmp_path, environment):
    """Commands are run as a user would; without pipefail, since `yes | head` ends by a signal."""
    options = {"cwd": tmp_path, "env": environment, "capture_output": True, "text": True, "timeout": 300}
    return lambda commands: subprocess.run(["bash", "-eu", "-c", commands], check=False, **options)


@pytest.mark.parametrize("page", PAGES)
def test_every_recipe_of_a_page_runs(page, tmp_path, shell):
    """One after the other, in a folder with the sample data: later ones use what earlier ones made. They train briefly;
    what the pages show is that of `make cookbook`.
    """
    (tmp_path / "sample_data").symlink_to(ROOT / "sample_data")
    recipes = recipes_of(page)
    assert len(recipes) >= 5
    for block in recipes:
        if "jq" in block and not shutil.which("jq"):
            continue
        done = shell(briefly(block, epochs="1" if page == "README.md" else "0.2"))
        assert done.returncode == 0, f"{block}\n{done.stderr}"
        assert "Traceback" not in done.stderr, block
        assert done.stdout or "--resume" in block, block
    if page == "README.md":
        _check_the_odd_lines(shell)
        _check_the_carried_state(tmp_path, shell)


def briefly(commands: str, epochs: str) -> str:
    """With so many epochs in place of any number, one second where there are minutes, and few units for names."""
    commands = re.sub(r"(names\.txt --format lines)(?! --hidden)", r"\1 --hidden 16", commands)
    return re.sub(r"--epochs \d+", f"--epochs {epochs}", re.sub(r"--minutes [\d.]+", "--minutes 1s", commands))


def _check_the_carried_state(folder, shell):
    """The first ten lines of README.md carry a state; the forecast after it is that of all rows at once."""
    first = "".join(text_of("README.md").splitlines(keepends=True)[:10])
    commands = re.search(r"^```sh\n(.*)^```$", first, re.M | re.S)[1].splitlines()
    (folder / "level.state").unlink()
    carried = [shell(command).stdout for command in commands[1:]]
    whole = shell("head -2425 sample_data/tides.csv | rnncli predict level.safetensors").stdout
    assert len(carried) == 2 and carried[1] == whole != carried[0] != ""


def _check_the_odd_lines(shell):
    """The recipe for logs finds the lines that are known to be odd."""
    odd = {int(line) for line in (ROOT / "sample_data" / "server.odd.txt").read_text().split()}
    score = "tail -600 sample_data/server.log | rnncli predict log.safetensors --score"
    rows = shell(f"{score} | sort -t$'\\t' -k4,4gr | head -8").stdout.splitlines()
    assert len(odd & {2400 + int(row.split("\t")[0]) for row in rows}) >= 5


def made_by(name: str):
    """The script of docs/ that makes a page."""
    specification = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_the_option_reference_is_fresh():
    assert made_by("make_reference").reference() == text_of("docs/reference.md"), "run `make reference`"


def test_the_man_page_is_fresh():
    assert made_by("make_man").page() == text_of("docs/rnncli.1"), "run `make reference`"


def test_the_man_page_has_every_option_and_no_fault():
    page = text_of("docs/rnncli.1").replace("\\-", "-")
    named = re.findall(r"^  (?:-\w, )?(--[\w-]+)", text_of("docs/reference.md"), re.M)
    assert len(named) > 100 and not [option for option in named if option not in page]
    if shutil.which("groff"):
        command = ["groff", "-man", "-Tutf8", "-ww", "docs/rnncli.1"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        assert done.stderr == "" and "--minutes" in re.sub("\x1b\\[[0-9;]*m|.\x08", "", done.stdout)
