"""Where figures come from: each work can be cited, and nothing that is not confirmed is printed."""

import doctest
import re

import pytest
from IPython.core.formatters import DisplayFormatter

import qlkit
from qlkit import sources as module
from qlkit.errors import QlkitError
from qlkit.sources import CLASSES, cite, sources

DOIS = {
    "apmr2008": "10.1016/j.apmr.2007.09.044",
    "callaghan2001": "10.1080/00140130118276",
    "li2022": "10.3390/life12030457",
    "mcgill1992": "10.1016/0268-0033(92)90007-Q",
    "mcgill1996": "10.1016/0268-0033(95)00056-9",
    "nachemson1975": "10.1093/rheumatology/14.3.129",
    "shao2024": "10.1007/s12671-023-02294-2",
    "waongenngarm2021": "10.5271/sjweh.3949",
    "bmr230054": "10.3233/BMR-230054",
}


def test_every_source_can_be_cited():
    for key, source in sources().items():
        line = cite(key)
        assert source.key == key
        assert line.startswith(f"- [{key}] ")
        assert line.endswith(f". <https://doi.org/{source.doi}>" if source.doi else ".")
        assert ("[web page" in line) == (source.kind == "web")
        assert source.note in line
        # Nothing said twice or left empty, and nothing that Markdown would take for a sign of its own.
        assert not re.search(r"\n|\.\.|  |Note|\[\]|[*_`|]", line), line


def test_the_addresses_of_papers():
    assert {key: sources()[key].doi for key in DOIS} == DOIS


def test_what_is_not_confirmed_is_not_printed():
    known = sources()
    for key in ("apmr2008", "ergonomics2000", "spine1996", "bmr230054", "practitioner", "pmid40629164"):
        assert known[key].authors == "", key
    for key in ("phillips2008", "andersson1996", "wilke1999", "sato1999", "fowler2005"):
        assert known[key].doi == "", key
    assert known["ergonomics2000"].where == "Ergonomics"
    assert known["wilby1987"].where == ""
    assert not re.search(r"\d", known["andreasen2007"].where)
    assert not re.search(r"Magnusson|Hughson|Parks|39\(1\):26|as remembered", cite(*known))
    assert (known["practitioner"].kind, known["practitioner"].year) == ("practitioner", None)


def test_a_notebook_shows_references_as_markdown_and_a_terminal_as_text():
    said = qlkit.cite("wilke1999", "mayo", "li2022", "wilke1999", "biosaffair")
    assert said == (
        "- [wilke1999] Wilke HJ, Neef P, Caimi M, Hoogland T, Claes LE (1999). New in vivo measurements of pressures "
        "in the intervertebral disc in daily life. Spine 24(8):755–762. PMID 10222525 [note: PMID as reported by a "
        "secondary source].\n"
        "- [mayo] Mayo Clinic. Back exercises (sls-20076265), mayoclinic.org [web page].\n"
        "- [li2022] Li JQ, Kwong WH, Chan YL, Kawabata M (2022). Life 12(3):457. <https://doi.org/10.3390/life12030457>\n"
        "- [biosaffair] biosaffair.de [web page; a page in German that reports the pressures of wilke1999 in bar]."
    )
    shown, _ = DisplayFormatter().format(said)
    assert shown == {"text/plain": said, "text/markdown": said}


def test_citing_nothing_or_the_unknown_is_an_error():
    with pytest.raises(QlkitError, match="at least one"):
        cite()
    with pytest.raises(QlkitError, match=r"'wilke1998'. Did you mean 'wilke1999'\?.*'zzz'"):
        cite("wilke1998", "mayo", "zzz")
    with pytest.raises(QlkitError, match=r"There is no source \['mayo'\]"):
        cite(["mayo"])


def test_sources_can_not_be_changed():
    with pytest.raises(AttributeError):
        sources().clear()
    with pytest.raises(ValueError, match="frozen"):
        sources()["mayo"].doi = "10.1"


def test_the_classes_are_the_agreed_ones():
    assert CLASSES == {
        "M": "measurement",
        "Mod": "model",
        "G": "guideline",
        "P": "practitioner's experience",
        "T": "teaching choice",
    }


def test_the_examples_in_the_docstrings_run():
    assert doctest.testmod(module).failed == 0
