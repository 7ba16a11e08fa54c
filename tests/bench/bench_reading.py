"""How hard each lesson is to read, as a US school grade (Flesch and Kincaid): `python tests/bench/bench_reading.py`."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "notebooks"))

from reading import LIMIT, grade, prose  # noqa: E402
from skeleton import PATHS, read  # noqa: E402


def main():
    for path in PATHS:
        sentences = prose(read(path))
        words = sum(map(len, sentences))
        long = f"{words:5} words, {words / len(sentences):4.1f} a sentence"
        print(f"{path.name:32} grade {grade(sentences):4.1f} (limit {LIMIT}) {long}")
        if "-v" in sys.argv:  # which sentences make it hard
            for sentence in sorted(sentences, key=lambda words: -grade([words]))[:8]:
                print(f"    {grade([sentence]):5.1f}  {' '.join(sentence)}")


if __name__ == "__main__":
    main()
