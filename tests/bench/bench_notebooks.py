"""How long all lessons take to run, and a fresh clone until its first lesson is open.

Run as `python tests/bench/bench_notebooks.py`. The clone uses uv's warm package cache; what the network takes
the first time is not in it.
"""

import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]
PORT = 18888


def lessons():
    """Run each notebook in a kernel of its own, one after the other."""
    total = 0.0
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        begin = time.perf_counter()
        notebook = nbformat.read(path, as_version=4)
        NotebookClient(notebook, resources={"metadata": {"path": path.parent}}).execute()
        took = time.perf_counter() - begin
        total += took
        print(f"  {path.name:32} {took:5.1f} s")
    print(f"all lessons: {total:.1f} s (budget 90 s)")


def fresh_clone():
    """Do what the README says in a new clone, until JupyterLab answers for the notebook."""
    with tempfile.TemporaryDirectory(prefix="qlkit-clone-") as folder:
        begin = time.perf_counter()
        subprocess.run(["git", "clone", "-q", ROOT, folder], check=True)
        command = ["uv", "run", "jupyter", "lab", "notebooks/00_start_here.ipynb", "--no-browser", "--allow-root"]
        options = [f"--port={PORT}", "--ServerApp.port_retries=0", "--IdentityProvider.token=bench"]
        clean = {key: value for key, value in os.environ.items() if key != "VIRTUAL_ENV"}
        with Path(folder, "lab.log").open("wb") as log:
            lab = subprocess.Popen([*command, *options], cwd=folder, stdout=log, stderr=log, env=clean, process_group=0)
        url = f"http://127.0.0.1:{PORT}/api/contents/00_start_here.ipynb?token=bench"
        try:
            while lab.poll() is None:
                try:
                    urllib.request.urlopen(url, timeout=5).read()
                    break
                except (urllib.error.URLError, ConnectionError):
                    time.sleep(0.1)
            else:
                raise SystemExit("JupyterLab ended: " + Path(folder, "lab.log").read_text())
            print(f"fresh clone to open notebook: {time.perf_counter() - begin:.1f} s (budget 60 s)")
        finally:
            os.killpg(lab.pid, signal.SIGTERM)
            lab.wait()
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    print(f"{os.cpu_count()} CPUs, {platform.machine()}, Python {platform.python_version()}")
    lessons()
    if shutil.which("uv") and "--no-clone" not in sys.argv:
        fresh_clone()
