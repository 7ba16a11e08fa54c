"""A reader of fourteen can follow the lessons."""

import nbformat
import pytest
from reading import LIMIT, grade, prose
from skeleton import PATHS, read

EASY = "You lie on your back. Your legs are flat. You breathe."
HARD = "Intradiscal pressure measurements demonstrate considerable variability among asymptomatic adults."


def lesson(text):
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text)])


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_the_prose_is_easy_enough(path):
    assert grade(prose(read(path))) <= LIMIT


def test_only_prose_is_counted():
    parts = [
        f"# {HARD}",
        f"{EASY} **[M]** `nachemson1981`",
        f"| {HARD} |\n|---|",
        f"```\n{HARD}\n```",
        f"[Rest](x#{HARD}) well now.",
    ]
    page = "\n\n".join(parts)
    assert [len(sentence) for sentence in prose(lesson(page))] == [5, 4, 3]
    assert prose(lesson("They won 104.6 % back."))[0] == ["They", "won", "back"]


def test_long_words_in_long_sentences_are_found():
    assert grade(prose(lesson(EASY))) < 3 < LIMIT < 20 < grade(prose(lesson(HARD)))
