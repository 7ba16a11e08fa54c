"""The fixtures themselves: a test that passes because its tools see nothing would be worse than none."""

import pytest
from bare import start_script
from playwright.sync_api import expect

WIDGET = """
function initialize({ model, signal }) {
  const tick = () => { model.set("count", model.get("count") + 1); model.save_changes(); };
  model.on("msg:custom", tick);
  signal.addEventListener("abort", () => model.send("gone"));
}
function render({ model, el, signal }) {
  const button = document.createElement("button");
  const draw = () => { button.textContent = `count ${model.get("count")}`; };
  model.on("change:count", draw);
  button.addEventListener("click", () => {
    model.set("count", model.get("count") + 1);
    model.save_changes();
    new AudioContext().createOscillator().start(0);
    speechSynthesis.speak(new SpeechSynthesisUtterance("hello"));
  }, { signal });
  draw();
  el.append(button);
}
export default { initialize, render };
"""


def test_bare_widget_draws_and_records(bare_widget, heard, page, problems):
    widget = bare_widget(WIDGET, {"count": 0}, views=2)
    buttons = page.get_by_role("button")
    buttons.first.click()
    expect(buttons).to_have_text(["count 1", "count 1"])
    widget.receive(count=5)
    expect(buttons).to_have_text(["count 5", "count 5"])
    widget.message({"tick": True})
    expect(buttons).to_have_text(["count 6", "count 6"])
    assert [message["changes"] for message in widget.messages()] == [{"count": 1}, {"count": 6}]
    assert [sound["kind"] for sound in heard()][:2] == ["tone", "speak"]

    widget.remove_view(0)
    expect(buttons).to_have_text(["count 6"])
    widget.destroy()
    expect(buttons).to_have_count(0)
    assert widget.messages()[-1]["content"] == "gone"
    widget.message({"tick": True})
    assert widget.get("count") == 6, "a closed widget still listened"
    assert problems == []


def test_problems_are_seen(page, page_server, problems):
    page.goto(page_server.url)
    with page.expect_event("pageerror"):
        page.evaluate("() => { console.error('said'); setTimeout(() => { throw new Error('thrown'); }); }")
    assert [("said" in text, "thrown" in text) for text in problems] == [(True, False), (False, True)]


def test_lab_runs_a_notebook(lab_server, open_notebook, problems, tmp_path):
    lab_server.write("scratch.ipynb", "x = 1 + 1\nx", "print('said')\nx + 1")
    notebook = open_notebook("scratch.ipynb", width=400, theme="dark")
    notebook.run_all()
    assert [cell["count"] for cell in notebook.cells()] == [1, 2]
    assert [output["output_type"] for output in notebook.cells()[1]["outputs"]] == ["stream", "execute_result"]
    assert notebook.kernel.evaluate("x") == 2
    assert notebook.kernel.run("print(x + 2)") == "4\n"
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        notebook.kernel.run("1 / 0")
    expect(notebook.page.locator("body")).to_have_attribute("data-jp-theme-light", "false")
    notebook.screenshot(tmp_path / "whole.png", whole=True)
    assert (tmp_path / "whole.png").stat().st_size > 5_000
    assert problems == []


def test_lab_tells_what_a_cell_raised(lab_server, open_notebook):
    lab_server.write("raises.ipynb", "1 / 0", "2")
    notebook = open_notebook("raises.ipynb")
    with pytest.raises(AssertionError, match="ZeroDivisionError: division by zero"):
        notebook.run_all()


def test_hidden_tab_is_hidden_and_slowed(hidden_tab, page_server):
    count_for_two_seconds = """new Promise((done) => {
        const start = performance.now();
        let count = 0;
        const timer = setInterval(() => {
            count += 1;
            if (performance.now() - start < 2000) return;
            clearInterval(timer);
            done(count);
        }, 100);
    })"""
    hidden_tab.open(page_server.url)
    assert hidden_tab.evaluate("document.visibilityState") == "visible"
    hidden_tab.hide()
    assert hidden_tab.evaluate("document.hasFocus()") is False
    assert hidden_tab.evaluate(count_for_two_seconds) <= 4
    hidden_tab.show()
    hidden_tab.evaluate(start_script(page_server, WIDGET, {"count": 3}))
    assert hidden_tab.evaluate("document.querySelector('button').textContent") == "count 3"
