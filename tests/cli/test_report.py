"""`inspect --report`: all views on one page that needs nothing else, seen through a real browser where there is one."""

import html
import re
import shutil
import subprocess

import pytest

from rnncli import registry
from tests.conftest import Here
from tests.views.helpers import brief_dynamics

VIEWS = registry.names("views")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-quic", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--hide-scrollbars"),
)
PROBE = """<script>
const wide = [...document.querySelectorAll("h1, h2, p, nav, pre")].map(e => e.getBoundingClientRect().right);
document.title = [innerWidth, document.documentElement.scrollWidth, Math.max(...wide),
  getComputedStyle(document.body).backgroundColor, document.querySelectorAll("section pre").length].join("|");
</script>"""


@pytest.fixture(autouse=True, scope="module")
def brief():
    with brief_dynamics():
        yield


@pytest.fixture(scope="module")
def page(tmp_path_factory, char_model, text):
    """The page of a model of characters, with signs in the text that mean something in HTML."""
    shell = Here(tmp_path_factory.mktemp("report"))
    shell.write("input.txt", "<b>&amp;</b> <script>alert(1)</script>\n" + text[:2500])
    done = shell("inspect", char_model, "input.txt", "--report", "report.html")
    assert (done.code, done.out) == (0, b"")
    assert "report.html is written" in done.err
    return shell.read("report.html").decode()


def test_every_view_is_there_and_nothing_from_elsewhere(page):
    for view in VIEWS:
        section = page[page.index(f'<section id="{view}">') :]
        assert "<pre" in section[: section.index("</section>")], view
    assert not re.search(r"<script|<link|<img|src=|https?:|@import|url\(", page)
    assert "&lt;" in page and "\033" not in page


def test_it_begins_with_the_result(page, here, char_model):
    data = here("inspect", char_model, "--json").json()
    first = page[page.index("<section") : page.index("</section>")]
    assert first.startswith('<section id="summary">')
    said, charts = first.index('<p class="said'), first.index("<svg")
    assert data["verdict"]["sentences"][0].split(":")[0] in first[said:charts]
    rivals, loss = first.index("on the validation part"), first.index("Loss by update")
    assert charts < rivals < loss < first.index("<details>")


def test_lines_of_the_highest_loss_are_there_and_do_no_harm(page):
    section = page[page.index('<section id="examples">') :].partition("</section>")[0]
    assert "bits a token" in section and "&lt;script&gt;alert" in section


def test_each_view_has_its_chart_in_two_widths(page):
    for view in VIEWS:
        section = page[page.index(f'<section id="{view}">') :]
        section = section[: section.index("</section>")]
        assert re.findall(r'viewBox="0 0 (\d+)', section) == ["760", "360"], view
        assert html.escape(registry.declared("views")[view]["caption"]) in section
    assert "style=" not in "".join(re.findall(r"<svg.*?</svg>", page, re.DOTALL))


def test_a_single_view_is_a_page_of_the_same_kind(here, char_model):
    assert here("inspect", char_model, "--save", "view.html").code == 0
    page = here.read("view.html").decode()
    assert page.count("<section") == 1 and page.count("<svg") == 2
    assert not re.search(r"<script|<link|<img|src=|https?:|@import|url\(", page)


def test_a_view_that_makes_no_sense_has_its_reason_in_its_place(here):
    here.write("names.tsv", "ann\ta\nbob\tb\nanna\ta\nbobby\tb\n" * 40)
    here("train", "names.tsv", "--text", "1", "--label", "2", "--epochs", "1", "--hidden", "8", "-o", "m.st", "-q")
    done = here("inspect", "m.st", "-", "--report", "m.html", input=b"ann\nbob\n" * 40)
    assert done.code == 0
    page = here.read("m.html").decode()
    assert page.count("<section") == len(VIEWS)
    reasons = re.findall(r'<section id="(\w+)"><h2>\w+</h2>\n<p class="faint">Not here: (.+?)</p>', page)
    assert "dynamics" in dict(reasons)
    assert not any("--view" in reason or "m.st" in reason for _, reason in reasons)


def test_labels_that_are_there_are_evaluated_behind_the_summary(here):
    here.write("names.tsv", "ann\ta\nbob\tb\nanna\ta\nbobby\tb\n" * 40)
    here("train", "names.tsv", "--text", "1", "--label", "2", "--epochs", "1", "--hidden", "8", "-o", "m.st", "-q")
    assert here("inspect", "m.st", "names.tsv", "--report", "m.html").code == 0
    page = here.read("m.html").decode()
    assert re.findall(r'<section id="(\w+)">', page)[:2] == ["summary", "evaluation"]
    figures = here("predict", "m.st", "names.tsv", "--evaluate").json()
    assert f"accuracy {figures['accuracy']:.4f} of 160" in page
    assert page.index("True label, by what was predicted") < page.index('<section id="examples">')
    assert page.index('<section id="examples">') < page.index('<section id="graph">')
    section = page[page.index('<section id="examples">') :].partition("</section>")[0]
    assert "the worst" in section and "the best" in section and "predicted" in section


def test_series_are_forecast_beside_what_came(here):
    here.write("s.csv", "step,y\n" + "".join(f"{i},{i % 7}\n" for i in range(80)))
    here("train", "s.csv", "--time", "step", "--target", "y", "--horizon", "3", "--epochs", "1", "--hidden", "8")
    assert here("inspect", "s.safetensors", "s.csv", "--report", "s.html").code == 0
    page = here.read("s.html").decode()
    assert re.findall(r'<section id="(\w+)">', page)[:2] == ["summary", "forecast"]
    section = page[page.index('<section id="forecast">') :].partition("</section>")[0]
    assert "what came" in section and section.count("<svg") == 2


def test_what_cannot_be_reported_is_one_line_and_leaves_no_file(here, char_model):
    here.write("empty.txt", "")
    cases = {
        ("empty.txt", "--report", "r.html"): (1, "empty.txt: empty"),
        ("missing.txt", "--report", "r.html"): (1, "missing.txt: no such file"),
        ("empty.txt", "--report", "r.pdf"): (2, "--report r.pdf: expected a file name that ends in .html"),
        ("empty.txt", "--report", "r.html", "--json"): (2, "--json and --report cannot be combined"),
        ("empty.txt", "--report", "r.html", "--view", "states"): (2, "--view and --report cannot be combined"),
        ("empty.txt", "--report", "nowhere/r.html"): (1, "nowhere"),
    }
    for arguments, (code, words) in cases.items():
        done = here("inspect", char_model, *arguments)
        assert (done.code, done.out) == (code, b"")
        assert words in done.message()
    assert here.files() == ["empty.txt"]


def browse(here, *options: str) -> str:
    command = [CHROMIUM, *QUIET, f"--user-data-dir={here.folder}/profile", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
def test_a_browser_shows_it_on_a_phone_and_a_desk_in_light_and_dark_and_on_paper(here, page):
    here.write("report.html", page)
    here.write("probe.html", page.replace("</body>", PROBE + "</body>"))
    grounds = set()
    for width, scheme in ((390, 0), (1280, 1)):  # dark and light
        size = (f"--window-size={width},900", f"--blink-settings=preferredColorScheme={scheme}")
        dom = browse(here, *size, "--dump-dom", f"file://{here.folder}/probe.html")
        inner, scroll, right, ground, pictures = re.search(r"<title>(.*?)</title>", dom)[1].split("|")
        assert float(scroll) <= float(inner), "only the pictures scroll sideways, not the page"
        assert float(right) <= float(inner)
        assert int(pictures) == len(VIEWS) + 2  # and the examples, in two widths
        grounds.add(ground)
    assert len(grounds) == 2
    paper = here.folder / "report.pdf"
    browse(here, f"--print-to-pdf={paper}", f"file://{here.folder}/report.html")
    assert paper.read_bytes().startswith(b"%PDF")
    assert 3 <= len(re.findall(rb"/Type\s*/Page\b", paper.read_bytes())) <= 12
