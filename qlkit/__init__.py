"""Guided floor routines that let the quadratus lumborum relax: routines, plans, sessions, pictures.

A room is loaded when something in it is first used, so that ``import qlkit`` stays quick.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_ROOMS = {
    "errors": ("QlkitError", "RoutineError", "PlanError", "JournalError"),
    "routine": ("Routine", "Step", "Hold"),
    "routine_file": ("routines", "load_routine"),
    "plan": ("Plan", "Interval", "Cue"),
    "session": ("Event", "State", "Record", "replay"),
    "plots.timeline": ("plot_timeline",),
    "plots.body": ("plot_pose", "plot_storyboard"),
    "plots.evidence": ("plot_evidence",),
    "plots.anatomy": ("plot_ql",),
    "plots.session": ("plot_session",),
    "plots.journal": ("plot_journal",),
    "plots.show": ("picture",),
    "timer.widget": ("SessionTimer",),
    "journal": ("Journal",),
    "handouts.sheet": ("write_handout",),
    "handouts.phone": ("write_phone_page", "qr"),
    "lessons.explore": ("explore", "compare"),
    "lessons.day": ("explore_day",),
    "lessons.lifting": ("explore_lifting",),
    "lessons.creep": ("explore_creep",),
    "lessons.quiz": ("quiz",),
    "lessons.review": ("review",),
    "sources": ("cite",),
    "words": ("describe",),
}
_HOME = {name: room for room, names in _ROOMS.items() for name in names}
__all__ = ["__version__", *_HOME]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'qlkit' has no attribute {name!r}")
    value = getattr(import_module(f"qlkit.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
