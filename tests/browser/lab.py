"""A real JupyterLab: the server, a notebook open in its page, and that notebook's kernel."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import nbformat
from jupyter_client import BlockingKernelClient
from processes import stop, wait_for

TOKEN = "qlkit-test"  # noqa: S105 - the server listens on 127.0.0.1 only and lives as long as the tests


class LabServer:
    """JupyterLab as a process of its own, over a copy of the notebooks, untouched by the user's settings."""

    def __init__(self, notebooks):
        self._home = Path(tempfile.mkdtemp(prefix="qlkit-lab-"))
        self.root = self._home / "notebooks"
        self.runtime = self._home / "runtime"
        shutil.copytree(notebooks, self.root, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self._log = self._home / "server.log"
        places = {
            "HOME": self._home,
            "IPYTHONDIR": self._home / "ipython",
            "JUPYTER_CONFIG_DIR": self._home / "config",
            "JUPYTER_DATA_DIR": self._home / "data",
            "JUPYTER_RUNTIME_DIR": self.runtime,
            "JUPYTERLAB_SETTINGS_DIR": self._home / "settings",
            "JUPYTERLAB_WORKSPACES_DIR": self._home / "workspaces",
        }
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
                    *("--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", "--ServerApp.port_retries=0"),
                    *(f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={self.root}"),
                    # The page's own commands are how a test runs cells; the other one would ask a package index.
                    *("--LabApp.expose_app_in_browser=True", "--LabApp.extension_manager=readonly"),
                ],
                env=os.environ | {name: str(path) for name, path in places.items()},
                cwd=self._home,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            wait_for(self._answers, "JupyterLab to answer", seconds=60, process=self._process)
            self.configure("apputils-extension:notification", fetchNews="false", checkForUpdates=False)
        except BaseException as error:
            error.add_note(f"JupyterLab's log:\n{self._log.read_text()[-4000:]}")
            self.stop()
            raise

    def _answers(self):
        with contextlib.suppress(OSError):
            return self.api("GET", "api/status")

    def api(self, method, path, body=None):
        """Call the server's REST interface and return the decoded answer (None where it is empty)."""
        request = urllib.request.Request(  # noqa: S310 - always http, to the server above
            f"{self.url}/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"token {TOKEN}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            text = answer.read()
        return json.loads(text) if text else None

    def configure(self, plugin, **values):
        """Set user settings of a JupyterLab plugin, such as `themes`, for pages opened from now on."""
        self.api("PUT", f"lab/api/settings/@jupyterlab/{plugin}", {"raw": json.dumps(values)})

    def set_theme(self, theme):
        """Choose the "light" or the "dark" theme for pages opened from now on."""
        self.configure("apputils-extension:themes", theme=f"JupyterLab {theme.title()}")

    def write(self, name, *sources):
        """Write a notebook of these code cells into the server's folder and return its name."""
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(source) for source in sources],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        )
        nbformat.write(notebook, self.root / name)
        return name

    def stop(self):
        """End the server, with it its kernels, and remove everything it wrote."""
        stop(self._process)
        shutil.rmtree(self._home, ignore_errors=True)


class Kernel:
    """The kernel of an open notebook, reached past the page: what a test asks leaves no trace in the notebook."""

    def __init__(self, connection_file):
        self._client = BlockingKernelClient(connection_file=str(connection_file))
        self._client.load_connection_file()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=30)

    def run(self, code, timeout=30):
        """Run Python statements and return what they print."""
        printed = []

        def keep(message):
            if message["msg_type"] == "stream":
                printed.append(message["content"]["text"])

        reply = self._client.execute_interactive(
            code, silent=True, store_history=False, allow_stdin=False, timeout=timeout, output_hook=keep
        )["content"]
        assert reply["status"] == "ok", "\n".join(reply.get("traceback", [str(reply)]))
        return "".join(printed)

    def evaluate(self, expression, timeout=30):
        """Return the value of a Python expression, which has to be one that JSON can carry."""
        return json.loads(self.run(f"print(__import__('json').dumps(({expression}\n)))", timeout))

    def close(self):
        """Let go of the kernel; it goes on running."""
        self._client.stop_channels()


class LabNotebook:
    """A notebook open in JupyterLab's page; `page` is the Playwright page, for everything a user would do."""

    _PANEL = "window.jupyterapp.shell.currentWidget"

    def __init__(self, server, page, path):
        self._server, self.page, self.path = server, page, path
        self._kernel = None
        page.goto(f"{server.url}/lab/tree/{urllib.parse.quote(path)}?token={TOKEN}&reset")
        page.wait_for_function(
            f"path => window.jupyterapp && {self._PANEL}?.context?.path === path", arg=path, timeout=60_000
        )
        self.wait_until_idle()
        # The file browser would take most of a narrow page.
        page.evaluate("() => window.jupyterapp.shell.collapseLeft()")

    def wait_until_idle(self, seconds=60):
        """Wait till the kernel has nothing left to do."""
        self.page.wait_for_function(
            f"""() => {{
                const session = {self._PANEL}.context.sessionContext;
                return session.isReady && session.session?.kernel?.status === "idle";
            }}""",
            timeout=seconds * 1000,
        )

    def run_all(self, seconds=120):
        """Run all cells; return when each has run and the kernel is idle, fail when one of them raised."""
        self.page.evaluate(
            """() => {
                window.qlkitRan = false;
                window.jupyterapp.commands.execute("notebook:run-all-cells").then(() => (window.qlkitRan = true));
            }"""
        )
        self.page.wait_for_function("() => window.qlkitRan", timeout=seconds * 1000)
        self.wait_until_idle()
        assert not self.errors(), "\n".join(self.errors())
        not_run = [n for n, cell in enumerate(self.cells()) if cell["source"].strip() and not cell["count"]]
        assert not not_run, f"code cells {not_run} have not run"

    def cells(self):
        """Return the code cells as the page has them now: source, count (of execution) and outputs."""
        return self.page.evaluate(
            f"""() => {self._PANEL}.content.widgets.filter(({{model}}) => model.type === "code").map(({{model}}) => ({{
                source: model.sharedModel.getSource(), count: model.executionCount, outputs: model.outputs.toJSON(),
            }}))"""
        )

    def errors(self):
        """Return what cells raised, as `Name: message`."""
        return [
            f"{output['ename']}: {output['evalue']}"
            for cell in self.cells()
            for output in cell["outputs"]
            if output["output_type"] == "error"
        ]

    @property
    def kernel(self):
        """The notebook's kernel."""
        if self._kernel is None:
            (number,) = (
                session["kernel"]["id"]
                for session in self._server.api("GET", "api/sessions")
                if session["path"] == self.path
            )
            self._kernel = Kernel(self._server.runtime / f"kernel-{number}.json")
        return self._kernel

    def screenshot(self, path, whole=False):
        """Take a picture of the window or, as far as 16,000 pixels, of the whole notebook."""
        page, size = self.page, self.page.viewport_size
        if whole:
            # JupyterLab scrolls inside the page, so a tall window is the only way to see all of it. Cells out of
            # sight have an estimated height, so the height is right only when it is taken a second time.
            for _ in range(2):
                height = page.evaluate(
                    f"""async () => {{
                        const {{ node, widgets }} = {self._PANEL}.content;
                        node.querySelector(".jp-WindowedPanel-outer").scrollTop = 0;
                        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
                        const below = window.innerHeight - node.getBoundingClientRect().bottom;
                        return Math.ceil(widgets.at(-1).node.getBoundingClientRect().bottom + below + 20);
                    }}"""
                )
                page.set_viewport_size({"width": size["width"], "height": min(max(height, size["height"]), 16_000)})
        page.screenshot(path=path)
        page.set_viewport_size(size)

    def close(self):
        """Shut the notebook's kernel down."""
        if self._kernel is not None:
            self._kernel.close()
        for session in self._server.api("GET", "api/sessions"):
            if session["path"] == self.path:
                with contextlib.suppress(urllib.error.HTTPError):
                    self._server.api("DELETE", f"api/sessions/{session['id']}")
