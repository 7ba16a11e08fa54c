"""The phone page as a file, and the QR code that leads to it."""

import base64
import hashlib
import html
import json
import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qlkit
from qlkit import Plan, PlanError, QlkitError, write_phone_page
from qlkit.handouts import phone

LARGEST = 120_000
START = datetime(2026, 11, 23, 14, 5, tzinfo=ZoneInfo("Europe/Paris"))


class Page(HTMLParser):
    """What an HTML parser makes of a page: its elements with their attributes and texts."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.inside = [], False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append({"tag": tag, **dict(attrs), "text": ""})
        self.inside = True

    def handle_endtag(self, tag):  # noqa: ARG002 - no element here has text after one in it
        self.inside = False

    def handle_data(self, data):
        if self.inside:
            self.elements[-1]["text"] += data

    def all(self, tag):
        return [element for element in self.elements if element["tag"] == tag]


@pytest.fixture(params=["sitting", "labor"])
def plan(request):
    return qlkit.load_routine(request.param).plan()


def test_is_small(plan, tmp_path):
    path = write_phone_page(plan, tmp_path / "page.html")
    assert path == tmp_path / "page.html"
    assert path.stat().st_size <= LARGEST


def test_carries_the_plan_and_the_timers_traits(plan, tmp_path):
    page = Page(write_phone_page(plan, str(tmp_path / "page.html")).read_text(encoding="utf-8"))
    [data] = [s["text"] for s in page.all("script") if s["type"] == "application/json"]
    traits = json.loads(data)
    assert Plan.from_dict(traits["plan"]) == plan
    state = qlkit.SessionTimer(plan).get_state()
    own = {name for name in qlkit.SessionTimer.class_own_traits(sync=True) if not name.startswith("_")}
    assert set(traits) == own
    ours = {"keeps": True, "step": ""}
    assert {n: traits[n] for n in own - set(ours)} == {n: json.loads(json.dumps(state[n])) for n in own - set(ours)}


def test_needs_nothing_from_elsewhere_and_forbids_it(plan, tmp_path):
    text = write_phone_page(plan, tmp_path / "page.html").read_text(encoding="utf-8")
    page = Page(text)
    assert set(re.findall(r"https?://[^\s\"'`<]+", text)) == {"http://www.w3.org/2000/svg"}
    links = [e[name] for e in page.elements for name in ("src", "href", "srcset", "action", "data") if name in e]
    assert links == ["data:,"]
    [policy] = [meta["content"] for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    [script] = [s["text"] for s in page.all("script") if s["type"] == "module"]
    [style] = [s["text"] for s in page.all("style")]

    def by_hash(content):
        return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"

    assert rules == {
        **dict.fromkeys(("default-src", "connect-src", "base-uri", "form-action"), "'none'"),
        "img-src": "data:",
        "worker-src": "blob:",
        "script-src": by_hash(script),
        "style-src": by_hash(style),
    }
    assert text.index("Content-Security-Policy") < text.index("<style"), "what comes before it is not under it"


def test_has_the_timers_own_code(plan, tmp_path):
    text = write_phone_page(plan, tmp_path / "page.html").read_text(encoding="utf-8")
    lines = set(text[text.index('<script type="module">') + 22 :].splitlines())
    folder = Path(phone.__file__).parents[1] / "timer"
    quiet = re.compile(r"\s*(//|/\*\*.*|\*[ /].*|import .*)?$|\s*//")
    for module in folder.glob("*.js"):
        for line in module.read_text(encoding="utf-8").splitlines():
            code = re.sub(r"^export (default )?", "", line.strip())
            if not quiet.match(line) and not line.startswith("export default"):
                assert code in lines, f"{module.name}: {line}"


def test_says_what_matters_without_scripts(plan, tmp_path):
    page = Page(write_phone_page(plan, tmp_path / "page.html").read_text(encoding="utf-8"))
    assert [h["text"] for h in page.all("h1")] == [t["text"] for t in page.all("title")] == [plan.title]
    assert [li["text"] for li in page.all("li")] == list(plan.cautions)
    words = " ".join(p["text"] for p in page.all("p"))
    for said in ("Leave the screen on", "may stop", "one tap", "silent", "right again", "Nothing leaves this device"):
        assert said in words


@pytest.mark.parametrize("plan", [None, "labor", 15, qlkit.load_routine("labor"), {}])
def test_takes_a_plan_and_nothing_else(plan, tmp_path):
    with pytest.raises(PlanError, match=r"a phone page takes a plan, not \w+; make one with load_routine"):
        write_phone_page(plan, tmp_path / "page.html")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_named(plan, tmp_path):
    with pytest.raises(
        QlkitError, match=r"'page.html' can't be written: there is no folder '.*nowhere'; make it first"
    ):
        write_phone_page(plan, tmp_path / "nowhere" / "page.html")


def test_a_folder_is_no_file(plan, tmp_path):
    (tmp_path / "page.html").mkdir()
    with pytest.raises(QlkitError, match=r"'page.html' can't be written: "):
        write_phone_page(plan, tmp_path / "page.html")
    assert [p.name for p in tmp_path.iterdir()] == ["page.html"]


def test_is_never_half_a_file(plan, tmp_path, monkeypatch):
    path = write_phone_page(plan, tmp_path / "page.html")
    before = path.read_bytes()
    write = Path.write_bytes

    def full(self, data):
        write(self, data[:1000])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(QlkitError, match="can't be written: No space left on device"):
        write_phone_page(qlkit.load_routine("sitting").plan(minutes=12), path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["page.html"]


def test_the_same_plan_gives_the_same_page(plan, tmp_path):
    one, two = (write_phone_page(plan, tmp_path / name).read_bytes() for name in ("a.html", "b.html"))
    assert one == two


@settings(max_examples=25)
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=30))
def test_any_text_comes_back_from_the_page_as_it_was(text):
    data = qlkit.load_routine("sitting").plan().to_dict() | {"title": text, "cautions": [text]}
    page = phone._page(Plan.from_dict(data))
    [traits] = re.findall(r'<script type="application/json" id="qlkit-traits">(.*?)</script>', page, re.DOTALL)
    assert json.loads(traits)["plan"] == data
    assert not re.search("[<>&\u2028\u2029]", traits)
    assert f"<h1>{html.escape(text)}</h1>" in page
    assert page.count("<script") == 2


@pytest.mark.parametrize("plan", ["labor"], indirect=True)
def test_code_is_only_relieved_of_comments(plan):
    assert (
        phone._lean("  // a\n\n  /** b */\n  /**\n   * c\n   */\n  /** d */ e;\n  f(); // g\n")
        == "/** d */ e;\nf(); // g\n"
    )
    assert phone._page(plan).count("</script>") == 2


def scanned(picture):
    """Return the modules of a QR code from its SVG, as segno would draw them."""
    return re.search(r'class="qrline".* d="([^"]*)"', picture.svg)[1]


@pytest.mark.parametrize(
    ("address", "start", "whole"),
    [
        ("https://example.org/labor.html", None, "https://example.org/labor.html"),
        ("file:///folder/labor.html", None, "file:///folder/labor.html"),
        ("http://example.org/a#top", START, "http://example.org/a#start=2026-11-23T14:05:00+01:00"),
        ("https://example.org/a", START.astimezone(UTC), "https://example.org/a#start=2026-11-23T13:05:00+00:00"),
        (
            "https://example.org/a",
            START + timedelta(milliseconds=1),
            "https://example.org/a#start=2026-11-23T14:05:00+01:00",
        ),
    ],
)
def test_a_qr_code_is_of_the_address(address, start, whole):
    import segno

    picture = qlkit.qr(address, start)
    assert repr(picture) == f"QR code of {whole}"
    shown = picture._repr_mimebundle_()
    assert f'alt="QR code of {html.escape(whole)}"' in shown["text/html"]
    assert shown["text/plain"] == f"QR code of {whole}"
    assert scanned(picture) in segno.make_qr(whole).svg_inline(scale=6)
    assert scanned(picture) != scanned(qlkit.qr(whole + "0"))


@pytest.mark.parametrize("start", [START.replace(tzinfo=None), "2026-11-23T14:05+01:00", START.date(), 0])
def test_a_start_needs_its_time_zone(start):
    with pytest.raises(
        QlkitError, match=r"it should be a datetime with its time zone, such as datetime\.fromisoformat"
    ):
        qlkit.qr("https://example.org/labor.html", start)


@pytest.mark.parametrize(
    "address",
    [
        *("", "labor.html", "/folder/labor.html", "javascript:alert(1)", "https://", "http:a.html", "data:text/html,x"),
        *("https://example.org/two words", "https://example.org/\n", "ftp://example.org/x", None, 3, Path("a.html")),
    ],
)
def test_an_address_is_one_of_a_page(address):
    with pytest.raises(QlkitError, match=r"is no address of a page; it should be like 'https://example\.org"):
        qlkit.qr(address)


def test_an_address_can_be_too_long():
    with pytest.raises(QlkitError, match="has 4019 characters, more than a QR code holds"):
        qlkit.qr("https://example.org/" + "x" * 3999)
