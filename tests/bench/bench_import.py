"""Print the CPU seconds (user and system) that an import takes in a fresh interpreter.

Run as ``python tests/bench/bench_import.py``. CPU time and the minimum of several runs, because
the wall clock and the slower runs say more about the machine's other work than about the import.
"""

import os
import platform
import statistics
import subprocess
import sys

RUNS = 7
BUDGETS = {"qlkit": 0.15, "ipywidgets": None, "matplotlib.pyplot": None}
CODE = "import time; before = time.process_time(); import {}; print(time.process_time() - before)"


def cpu_seconds(module):
    command = [sys.executable, "-c", CODE.format(module)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main():
    print(f"{os.cpu_count()} CPUs, {platform.machine()}, Python {platform.python_version()}")
    for module, budget in BUDGETS.items():
        cpu_seconds(module)  # the first run compiles, and reads the files into the system's cache
        times = [cpu_seconds(module) for _ in range(RUNS)]
        beside = f"  (budget {budget:.2f} s)" if budget else ""
        print(f"import {module:<18} min {min(times):.3f} s  median {statistics.median(times):.3f} s{beside}")


if __name__ == "__main__":
    main()
