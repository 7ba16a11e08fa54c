"""The widget's code in a page with nothing else: a page server, and one widget before a fake model."""

import hashlib
import json
import mimetypes
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HERE = Path(__file__).parent
TIMER = HERE.parents[1] / "qlkit" / "timer"


class PageServer:
    """Serves the test page, the files of qlkit/timer under /timer/, and what a test adds there."""

    def __init__(self):
        added = self._added = {}

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                path = self.path.partition("?")[0]
                name = path.removeprefix("/timer/")
                if path == "/":
                    name, body = "bare.html", (HERE / "bare.html").read_bytes()
                elif name in added:
                    body = added[name]
                elif "/" not in name and (TIMER / name).is_file():
                    body = (TIMER / name).read_bytes()
                else:
                    self.send_error(404)
                    return
                self.send_response(200)
                # Not left to the machine's table of types: a module comes with the right one or not at all.
                kind = "text/javascript" if name.endswith(".js") else mimetypes.guess_type(name)[0]
                self.send_header("Content-Type", f"{kind}; charset=utf-8")
                self.send_header("Cache-Control", "no-store")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def module(self, source):
        """Return the address of a module: a file of qlkit/timer by its name, or the text of one."""
        if "\n" not in source and source.endswith(".js"):
            return f"/timer/{source}"
        name = f"{hashlib.sha256(source.encode()).hexdigest()[:16]}.js"
        self._added[name] = source.encode()
        return f"/timer/{name}"

    def close(self):
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class BareWidget:
    """One widget in the test page, between a fake kernel and a real browser."""

    def __init__(self, page, server, source, state, css="", views=1):
        self.page = page
        page.goto(server.url)
        page.wait_for_function("() => window.bare")
        if css:
            page.add_style_tag(content=css)
        page.evaluate("([module, state]) => bare.start(module, state)", [server.module(source), state])
        for _ in range(views):
            self.add_view()

    def add_view(self):
        """Show the widget once more."""
        self.page.evaluate("() => bare.addView()")

    def remove_view(self, number):
        """Take a view (counted from 0 in the order they were added) away."""
        self.page.evaluate("number => bare.removeView(number)", number)

    def destroy(self):
        """Do what closing the widget in the kernel does."""
        self.page.evaluate("() => bare.destroy()")

    def messages(self):
        """Return all the widget has told the kernel: `{"kind": "save", "changes": …}` or `{"kind": "send", …}`."""
        return self.page.evaluate("() => bare.model.messages")

    def get(self, name):
        """Return the value of a trait."""
        return self.page.evaluate("name => bare.model.get(name)", name)

    def receive(self, **changes):
        """Change traits as the kernel would."""
        self.page.evaluate("changes => bare.model.receive(changes)", changes)

    def message(self, content):
        """Send the widget a custom message as the kernel would."""
        self.page.evaluate("content => bare.model.emit('msg:custom', content, [])", content)


def start_script(server, source, state):
    """Return JavaScript that starts one widget with one view in the test page, for a tab without Playwright."""
    arguments = f"{json.dumps(server.module(source))}, {json.dumps(state)}"
    return f"bare.start({arguments}).then(() => bare.addView())"
