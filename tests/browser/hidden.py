"""A browser tab that is truly hidden, as behind another tab.

Playwright tells its pages that they have the focus, and Chromium never slows such a page down. So this Chromium is
driven through the DevTools protocol alone, and the tab is hidden the way a person hides it: another one comes forward.
"""

import itertools
import json
import shutil
import subprocess
import tempfile
import urllib.request
from pathlib import Path

import websocket
from processes import CHROMIUM_FLAGS, stop, wait_for


class HiddenTab:
    """A Chromium with two tabs: the one a test works in, and one that can be brought in front of it."""

    def __init__(self, chromium):
        self._profile = Path(tempfile.mkdtemp(prefix="qlkit-tab-"))
        self._socket, self._numbers = None, itertools.count(1)
        self._process = subprocess.Popen(
            [chromium, *CHROMIUM_FLAGS, "--remote-debugging-port=0", f"--user-data-dir={self._profile}", "about:blank"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            port = wait_for(self._port, "Chromium's DevTools port", process=self._process)
            self._http = f"http://127.0.0.1:{port}/json"
            self._tab = wait_for(self._first_page, "Chromium's first tab", process=self._process)
            self._front = self._call("PUT", "new?about:blank")
            # Chromium turns connections away that come with the address of a web page.
            self._socket = websocket.create_connection(
                self._tab["webSocketDebuggerUrl"], timeout=60, suppress_origin=True
            )
            self.show()
        except BaseException:
            self.close()
            raise

    def _port(self):
        port_file = self._profile / "DevToolsActivePort"
        lines = port_file.read_text().splitlines() if port_file.exists() else []
        return int(lines[0]) if len(lines) > 1 else None

    def _call(self, method, path):
        request = urllib.request.Request(f"{self._http}/{path}", method=method)  # noqa: S310 - always http, local
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            text = answer.read()
        return json.loads(text) if text.startswith((b"{", b"[")) else None

    def _first_page(self):
        return next((tab for tab in self._call("GET", "list") if tab["type"] == "page"), None)

    def _send(self, method, **params):
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while (message := json.loads(self._socket.recv())).get("id") != number:
            pass  # an event, or the answer to something older
        assert "error" not in message, message["error"]
        return message["result"]

    def evaluate(self, javascript):
        """Return the value of a JavaScript expression, a promise's once it is kept; it counts as a user's click."""
        answer = self._send(
            "Runtime.evaluate", expression=javascript, awaitPromise=True, returnByValue=True, userGesture=True
        )
        problem = answer.get("exceptionDetails")
        assert problem is None, problem.get("exception", problem).get("description", problem["text"])
        return answer["result"].get("value")

    def wait_for(self, javascript, seconds=30):
        """Ask the tab until the expression gives something true, and return that.

        The asking comes from outside, so it is not slowed down with the tab.
        """
        return wait_for(lambda: self.evaluate(javascript), javascript, seconds)

    def open(self, url):
        """Open a page in the tab and wait till it has loaded."""
        answer = self._send("Page.navigate", url=url)
        assert "errorText" not in answer, answer["errorText"]
        self.wait_for(f"location.href.startsWith({json.dumps(url)}) && document.readyState === 'complete'")

    def hide(self):
        """Bring the other tab to the front, and wait till this one knows."""
        self._call("GET", f"activate/{self._front['id']}")
        self.wait_for("document.visibilityState === 'hidden'")

    def show(self):
        """Bring the tab to the front, and wait till it knows."""
        self._call("GET", f"activate/{self._tab['id']}")
        self.wait_for("document.visibilityState === 'visible'")

    def close(self):
        """End this Chromium and remove its profile."""
        if self._socket is not None:
            self._socket.close()
        stop(self._process)

        def gone():
            # Chromium's children may still write while the folder is taken away.
            shutil.rmtree(self._profile, ignore_errors=True)
            return not Path(self._profile).exists()

        wait_for(gone, "Chromium's profile to be gone")
