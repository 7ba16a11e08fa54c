"""The timer in a notebook that is open in JupyterLab."""

import base64
from pathlib import Path

FAKES = Path(__file__).with_name("fakes.js").read_text(encoding="utf-8")


class LabTimer:
    """The timer in an open notebook, and what its page sends to the kernel."""

    def __init__(self, notebook):
        self.notebook, self.page, self.kernel = notebook, notebook.page, notebook.kernel
        self.root = self.page.locator(".qlkit-timer")
        self.page.evaluate(FAKES)
        self.sent = []
        cdp = self.page.context.new_cdp_session(self.page)
        cdp.send("Network.enable")
        cdp.on("Network.webSocketFrameSent", self._keep)

    def _keep(self, event):
        frame = event["response"]
        # JupyterLab's messages are binary; the texts in them are plain.
        data = base64.b64decode(frame["payloadData"]) if frame["opcode"] == 2 else frame["payloadData"].encode()
        text = data.decode("utf-8", "ignore")
        if '"comm_msg"' in text and '"method":"update"' in text:
            self.sent.append(text)

    def press(self, name):
        self.root.get_by_role("button", name=name, exact=True).click()

    def part(self, name):
        return self.root.locator(f".qlkit-{name}:not(button)")

    def seconds_left(self):
        minutes, seconds = self.part("clock").inner_text().split(":")
        return int(minutes) * 60 + int(seconds)

    def wait_for_clock(self, fallen):
        self.page.wait_for_function(
            """goal => {
                const [m, s] = document.querySelector('.qlkit-clock').textContent.split(':').map(Number);
                return m * 60 + s <= goal;
            }""",
            arg=self.seconds_left() - fallen,
        )

    def wait_for_kernel(self, expression, value):
        """Wait till an expression has a value in the kernel."""
        for _ in range(100):
            if (found := self.kernel.evaluate(expression)) == value:
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"{expression} is {found!r} and not {value!r}")

    def run_cell(self, number):
        """Run a cell as its user would, and don't wait for it."""
        self.page.evaluate(
            """number => {
                window.jupyterapp.shell.currentWidget.content.activeCellIndex = number;
                void window.jupyterapp.commands.execute("notebook:run-cell");
            }""",
            number,
        )

    def heard_is_over(self):
        """Whether nothing sounds any more, or will; a cue of a session that goes on would come in this time."""
        before = self.page.evaluate("heard.length")
        self.page.wait_for_timeout(1500)
        return self.page.evaluate(
            """before => heard.length === before && !speechSynthesis.speaking
                && heard.every((s) => s.kind !== "tone" || s.stop < performance.now() / 1000)""",
            before,
        )
