"""Self-checks in a real Chromium: answered by keyboard alone, heard by a screen reader, seen at any width."""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

import qlkit
from qlkit.lessons.quiz import Quiz, load_questions

SHOTS = os.environ.get("QLKIT_SHOTS")
QUESTIONS = """
[01-layers]
kind = "choice"
ask = "How many layers does the quadratus lumborum have, <b>front to back</b>?"
options = [
  { text = "Two", say = "There is a middle one as well." },
  { text = "Three, of which one lies in the <i>middle</i> & between", right = true, say = "Front, middle and back." },
  { text = "Five", say = "Fewer." },
]

[01-rise]
kind = "order"
ask = "Put the stages of the rise in order."
items = ["Roll to the right side", "Push up to sitting", "Come to your knees", "Stand up"]
right = "From the floor upward, in stages."
wrong = "Think of what a hand can push from."

[01-lift]
kind = "number"
ask = "How much is it?"
answer = 18.0
tolerance = 0.1
unit = "kg"
right = "That is it."
wrong = "Multiply all six."

[01-fit]
kind = "plan"
ask = "Make a plan of the labor routine that takes 20 minutes and leaves out the head raise."
routine = "labor"
total = 20
without = ["head-raise"]
right = "It fits."

[01-own]
kind = "routine"
ask = "Write a routine of your own."
right = "Ready to lead."
"""
LABOR = qlkit.load_routine("labor")
ANSWERS = {"01-fit": LABOR.plan(minutes=25), "01-own": LABOR.model_copy(update={"rise": ()})}


@pytest.fixture
def questions(tmp_path):
    (tmp_path / "01.toml").write_text(QUESTIONS, encoding="utf-8")
    return load_questions(tmp_path)


class QuizPage:
    """A question in the bare page, judged by the real Python: what the page sends goes there and back."""

    def __init__(self, bare_widget, question, key, answer=None, views=1, answers=True):
        self.quiz = Quiz(key, question, answer)
        folder = Path(qlkit.__file__).parent / "lessons"
        css = (folder / "quiz.css").read_text(encoding="utf-8")
        source = (folder / "quiz.js").read_text(encoding="utf-8")
        self.widget = bare_widget(source, self._state(), css=css, views=0)
        self.page = self.widget.page
        if answers:
            self.page.expose_function("python", self._reply)
            self.page.evaluate("""() => {
                bare.model.send = async (content) => bare.model.receive(await python(content));
            }""")
        for _ in range(views):
            self.widget.add_view()
        self.root = self.page.locator(".qlkit-quiz").first
        self.told = self.root.get_by_role("status")

    def _state(self):
        state = self.quiz.get_state()
        # The number of tries comes last, as the message of a kernel sets all before it tells of any.
        return {name: state[name] for name in ("question", "answer", "words", "right", "tries")}

    def _reply(self, content):
        self.quiz._handle_custom_msg(content, [])
        return self._state()

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def focused(self):
        """Return the name of what has the focus; nothing else of the page may have it."""
        return self.page.evaluate("""() => {
            const node = document.activeElement.closest(".qlkit-quiz *");
            return node && (node.ariaLabel ?? node.labels?.[0]?.textContent ?? node.textContent);
        }""")

    def go_to(self, name, key="Tab"):
        """Go to a control by its name, by the keyboard alone."""
        for _ in range(20):
            if self.focused() == name:
                return
            self.press(key)
        raise AssertionError(f"{key} does not lead to {name!r}")

    def shows(self, *lines):
        expect(self.told).to_have_text("".join(lines))

    def items(self):
        return self.root.locator("li > span").all_inner_texts()

    def live(self):
        return self.root.locator("[aria-live=polite]")


@pytest.fixture
def ask(bare_widget, questions):
    return lambda key, **options: QuizPage(bare_widget, questions[key], key, **options)


def test_a_choice_by_keyboard(ask, problems):
    q = ask("01-layers")
    expect(q.root).to_have_accessible_name("How many layers does the quadratus lumborum have, <b>front to back</b>?")
    three = "Three, of which one lies in the <i>middle</i> & between"
    q.shows("")
    q.go_to("Two")
    q.press("Enter")
    q.shows("Not yet. There is a middle one as well.")
    assert (q.focused(), q.quiz.right, q.quiz.answer) == ("Two", False, "Two")
    expect(q.root.get_by_role("button", name="Two")).to_have_attribute("aria-pressed", "true")
    q.go_to("Five")
    q.press("Space")
    q.shows("Not yet. Fewer.")
    q.page.keyboard.press("Shift+Tab")
    q.page.keyboard.press("Shift+Tab")
    q.go_to(three)
    q.press("Enter")
    q.shows("Right. Front, middle and back.")
    assert (q.focused(), q.quiz.right) == (three, True)
    assert q.root.locator("[aria-pressed=true]").all_inner_texts() == [three]
    assert q.root.locator("b, i").count() == 0
    assert problems == []


def test_an_order_by_keyboard(ask, problems):
    q = ask("01-rise")
    shown = q.items()
    right = ["Roll to the right side", "Push up to sitting", "Come to your knees", "Stand up"]
    assert shown == q.quiz.question["choices"] != right
    q.go_to("Check")
    q.press("Enter")
    expect(q.told).to_contain_text("Not yet. “")
    expect(q.told).to_contain_text("something else comes before it. Think of what a hand can push from.")
    assert q.focused() == "Check"
    for place, text in enumerate(right):
        if q.items()[place] == text:
            continue
        q.go_to(f"Move up: {text}", "Shift+Tab")
        for at in range(q.items().index(text), place, -1):
            q.press("Enter")
            assert q.focused() == f"Move up: {text}", "the focus stays on the item that moved"
            expect(q.live()).to_have_text(f"{text}: {at} of 4.")
            q.shows("")
        q.go_to("Check")
    assert q.items() == right
    q.press("Space")
    q.shows("Right. From the floor upward, in stages.")
    assert q.focused() == "Check"
    assert q.quiz.answer == right
    assert problems == []


def test_the_ends_of_an_order_stay(ask):
    q = ask("01-rise")
    first, *_, last = shown = q.items()
    for name, text, key in (("up", first, "Enter"), ("down", last, "Space")):
        button = q.root.get_by_role("button", name=f"Move {name}: {text}")
        expect(button).to_have_attribute("aria-disabled", "true")
        button.focus()
        q.press(key)
        assert q.items() == shown
        assert q.focused() == f"Move {name}: {text}"
    q.root.get_by_role("button", name=f"Move down: {first}").focus()
    q.press("Enter", "Enter", "Enter", "Enter")
    assert q.items() == [*shown[1:], first]
    assert q.focused() == f"Move down: {first}"
    expect(q.live()).to_have_text(f"{first}: 4 of 4.")


def test_a_number_by_keyboard(ask, problems):
    q = ask("01-lift")
    q.press("Tab")
    assert q.focused() == "Your answerkg"
    q.page.keyboard.type("23")
    q.press("Enter")
    q.shows("Not yet. Multiply all six.")
    assert q.focused() == "Your answerkg"
    q.press("Control+a")
    q.page.keyboard.type("much")
    q.shows("")
    q.press("Enter")
    q.shows("Not yet. “much” can’t be read as a number. Type digits, such as 7 or 2.5.")
    q.press("Control+a")
    q.page.keyboard.type("18,0")
    q.press("Tab", "Enter")
    q.shows("Right. That is it.")
    assert (q.focused(), q.quiz.answer) == ("Check", "18,0")
    assert problems == []


@pytest.mark.parametrize("key", ["01-fit", "01-own"])
def test_an_exercise_says_what_to_pass(ask, key):
    q = ask(key)
    expect(q.told).to_have_text(q.quiz.question["hint"])
    assert q.root.get_by_role("button").count() == 0


@pytest.mark.parametrize("key", ["01-fit", "01-own"])
def test_an_exercise_says_what_is_missing(ask, key, problems):
    q = ask(key, answer=ANSWERS[key])
    expect(q.told).to_contain_text("Not yet.")
    told = q.told.get_by_role("list").get_by_role("listitem").all_inner_texts() or [
        q.told.inner_text().removeprefix("Not yet. ")
    ]
    assert told == q.quiz.words.split("\n")
    assert len(told) == {"01-fit": 3, "01-own": 1}[key]
    assert problems == []


def test_an_exercise_says_when_it_is_right(ask):
    q = ask("01-fit", answer=LABOR.plan(minutes=20, skip=("head-raise",)))
    q.shows("Right. It fits.")


def test_two_views_show_one_answer(ask):
    q = ask("01-layers", views=2)
    q.go_to("Two")
    q.press("Enter")
    q.shows("Not yet. There is a middle one as well.")
    other = q.page.locator(".qlkit-quiz").nth(1)
    expect(other.get_by_role("status")).to_have_text("Not yet. There is a middle one as well.")
    expect(other.get_by_role("button", name="Two")).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize(
    ("key", "answer"),
    [("01-layers", "Two"), ("01-lift", "3"), ("01-rise", ["Stand up", "Push up to sitting", "Come to your knees"])],
)
def test_an_answer_is_there_again_after_a_reload(ask, key, answer):
    q = ask(key)
    if key == "01-rise":
        answer = ["Roll to the right side", *answer]
    q.widget.receive(**q._reply({"answer": answer}))
    q.widget.remove_view(0)
    q.widget.add_view()
    expect(q.told).to_contain_text("Not yet.")
    there = {
        "01-layers": lambda: q.root.locator("[aria-pressed=true]").inner_text(),
        "01-lift": lambda: q.root.get_by_role("textbox").input_value(),
        "01-rise": q.items,
    }
    assert there[key]() == answer


def test_without_python_it_says_so(ask, page):
    page.clock.install(time=0)
    q = ask("01-layers", answers=False)
    page.clock.pause_at(3600)  # from here on, time passes only as told
    q.go_to("Two")
    q.press("Enter")
    page.clock.fast_forward(2900)
    q.shows("")
    page.clock.fast_forward(200)
    q.shows("No answer yet. Python is busy, or this cell wants to be run again.")


OUTSIDE = """(root) => {
    const frame = root.getBoundingClientRect();
    const found = document.documentElement.scrollWidth > innerWidth ? ["the page scrolls sideways"] : [];
    for (const node of root.querySelectorAll("*:not(.qlkit-quiz-live)")) {
        const box = node.getBoundingClientRect();
        if (box.left < frame.left || box.right > frame.right) found.push(`${node.outerHTML} sticks out`);
        if (node.matches("button, input") && box.height < 44) found.push(`${node.outerHTML} is ${box.height} high`);
        if (node.matches("button, input") && box.width < 44) found.push(`${node.outerHTML} is ${box.width} wide`);
    }
    return found;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("key", ["01-layers", "01-rise", "01-lift", "01-fit", "01-own"])
def test_it_fits_and_axe_finds_nothing(ask, page, questions, key, scheme):
    page.emulate_media(color_scheme=scheme)
    q = ask(key, answer=ANSWERS.get(key))
    page.evaluate("dark => document.body.style.background = dark ? '#14191e' : 'white'", scheme == "dark")
    paper = q.root.evaluate("(node) => getComputedStyle(node).backgroundColor")
    assert (paper == "rgb(255, 255, 255)") == (scheme == "light"), "the colours do not follow the scheme"
    found = {}
    first = {"01-layers": "Two", "01-rise": "Check"}.get(key)
    for state in ("asked", "wrong", "right"):
        if state == "wrong" and first:
            q.go_to(first)
            q.press("Enter")
        elif state == "wrong" and key == "01-lift":
            q.root.get_by_role("textbox").fill("much " * 30)
            q.press("Enter")
        if state == "wrong":
            expect(q.told).to_contain_text("Not yet.")
        if state == "right" and not questions[key].takes:
            good = {"01-lift": "18", "01-layers": questions[key].texts[1:2], "01-rise": list(questions[key].texts)}[key]
            q.widget.receive(**q._reply({"answer": good[0] if key == "01-layers" else good}))
            expect(q.told).to_contain_text("Right.")
        for width in (320, 400, 1000):
            page.set_viewport_size({"width": width, "height": 700})
            found[state, width] = q.root.evaluate(OUTSIDE)
            if SHOTS and width > 320:
                q.page.screenshot(path=Path(SHOTS) / f"{key}-{state}-{scheme}-{width}.png")
        results = Axe().run(page, context=".qlkit-quiz").response["violations"]
        found[state, "axe"] = [f"{v['id']}: {node['html'][:120]}" for v in results for node in v["nodes"]]
    assert found == {place: [] for place in found}


def test_axe_and_the_ruler_would_find_something(ask, page):
    q = ask("01-lift")
    q.root.evaluate("(root) => { root.querySelector('label').replaceWith(root.querySelector('input')); }")
    q.root.evaluate("(root) => { root.querySelector('input').style = 'min-width: 900px; min-height: 20px'; }")
    page.set_viewport_size({"width": 320, "height": 700})
    assert [v["id"] for v in Axe().run(page, context=".qlkit-quiz").response["violations"]] == ["label"]
    words = " ".join(q.root.evaluate(OUTSIDE))
    assert all(fault in words for fault in ("scrolls sideways", "sticks out", " high"))


def test_in_a_notebook_its_keys_are_its_own(lab_server, open_notebook, problems):
    (lab_server.root / "questions").mkdir(exist_ok=True)
    (lab_server.root / "questions" / "01.toml").write_text(QUESTIONS, encoding="utf-8")
    first = """from pathlib import Path
from qlkit.lessons.quiz import Quiz, load_questions
quiz = Quiz("01-rise", load_questions(Path("questions"))["01-rise"])
quiz"""
    notebook = open_notebook(lab_server.write("quiz.ipynb", first, "2", "3"))
    notebook.run_all()
    page, root = notebook.page, notebook.page.locator(".qlkit-quiz")
    expect(root).to_be_visible()
    before = [cell["source"] for cell in notebook.cells()]
    counts = [cell["count"] for cell in notebook.cells()]
    root.get_by_role("button", name="Check").focus()
    for key in ("d", "d", "a", "b", "x", "m", "Enter"):
        page.keyboard.press(key)
    expect(root.get_by_role("status")).to_contain_text("Not yet. “Stand up” is number 1")
    assert notebook.kernel.evaluate("[quiz.right, quiz.answer == quiz.question['choices']]") == [False, True]
    for text, keys in (
        ("Stand up", ("Enter", "Space", "ArrowDown", "Enter")),
        ("Come to your knees", ("Enter", "Space")),
    ):
        mover = root.get_by_role("button", name=f"Move down: {text}")
        mover.focus()
        for key in keys:
            page.keyboard.press(key)
        expect(mover).to_be_focused()
    assert root.locator("li > span").all_inner_texts() == notebook.kernel.evaluate("list(quiz._question.items)")
    root.get_by_role("button", name="Check").focus()
    page.keyboard.press("Shift+Enter")
    expect(root.get_by_role("status")).to_have_text("Right. From the floor upward, in stages.")
    assert notebook.kernel.evaluate("quiz.right") is True
    assert [cell["source"] for cell in notebook.cells()] == before
    assert [cell["count"] for cell in notebook.cells()] == counts
    assert Axe().run(page, context=".qlkit-quiz").response["violations"] == []
    assert problems == []
