"""Starting and stopping the programs the browser tests need."""

import subprocess
import time

# Quiet and the same everywhere: no sandbox (containers run as root), no graphics card, no traffic of its own.
CHROMIUM_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def wait_for(ready, what, seconds=30, process=None):
    """Call `ready` until it gives something true, and return that; fail when the time or the process is over."""
    end = time.monotonic() + seconds
    while not (result := ready()):
        if process is not None and process.poll() is not None:
            raise AssertionError(f"the process ended (exit code {process.returncode}) while waiting for {what}")
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s in vain for {what}")
        time.sleep(0.05)
    return result


def stop(process):
    """End a process that a fixture started: ask first, then insist."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)
