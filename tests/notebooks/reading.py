"""How hard the prose of a lesson is to read: the US school grade by the formula of Flesch and Kincaid."""

import re
from functools import cache

import pyphen

LIMIT = 9
"""The highest grade that a lesson may have."""


@cache
def syllables(word):
    """Return the syllables of a word: by where it may be hyphenated, or by its vowels where those are more.

    No printer breaks words such as "open" and "area", so that hyphens alone would make a text look too easy.
    """
    parts = len(pyphen.Pyphen(lang="en_US").positions(word)) + 1
    vowels = len(re.findall(r"[aeiouy]+", re.sub(r"(?<=[^l])e\b|(?<=[aeiouy]l)e\b", "", word)))
    return max(parts, vowels)


def prose(notebook):
    """Return the sentences that a lesson's reader reads: no headings, tables, code, sources or addresses."""
    sentences = []
    for cell in notebook.cells:
        if cell.cell_type != "markdown":
            continue
        text = re.sub(r"```.*?```", "", cell.source, flags=re.DOTALL)
        text = re.sub(r"\*\*\[\w+\]\*\*|`[^`]*`|<[^>]*>", " ", text)  # classes, keys and code, tags
        text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
        for line in text.splitlines():
            if re.match(r"\s*(#|\|)", line):
                continue
            # An item of a list ends as a sentence does; so does a line.
            for sentence in re.split(r"(?<=[.!?])[\"”')*]*\s", line):
                words = re.findall(r"[A-Za-z][A-Za-z'’-]*", sentence)
                if len(words) > 2:
                    sentences.append([word.strip("'’-") for word in words])
    return sentences


def grade(sentences):
    """Return the school grade of sentences, each a list of words."""
    words = [word for sentence in sentences for word in sentence]
    heard = sum(syllables(word.lower()) for word in words)
    return 0.39 * len(words) / len(sentences) + 11.8 * heard / len(words) - 15.59
