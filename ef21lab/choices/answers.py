"""The code of others, where the lab calls it: what a plugin's member raises, or answers that is no answer, is a Refusal that names it.

A member of a plugin is guarded once, where it is taken in, and whoever calls it need not know whose it is: around every method that the
lab's own classes above it have too, errors become words, and what comes back is held to what its family says of `answers`.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import os
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from typing import Any, NamedTuple

from ef21lab.choices.fields import shown
from ef21lab.choices.patience import Silence, in_time
from ef21lab.choices.plugged import LOADED, Plugin, in_words
from ef21lab.choices.text import Refusal, Text, language_of

OURS = "ef21lab"
CALLED = "__post_init__"  # the one method with a name of Python's that members write


class Failed(Refusal):
    """Code of a plugin has raised, has answered what it must not, or has not answered in time."""


class Answer(NamedTuple):
    """What a method of every member of a family returns: `holds(member, answer, *what was asked)`, and the same as the end of a sentence.

    Where failing is an answer itself, a reason in place of a reason, `instead` gives it of the Failed that is then only noted.
    """

    holds: Callable[..., Any]
    allowed: Text
    instead: Callable[[Any, Failed], Any] | None = None  # of the member and what it did


def _say(who: Any, failed: Failed) -> Text:
    return failed.text


_homes: dict[str, Plugin] = {}  # modules that have members, and whose they are
_notes: dict[str, Text] = {}
_strict: ContextVar[bool] = ContextVar("strict", default=False)


def guard(member: type, plugin: Plugin, answers: Mapping[str, Answer]) -> None:
    """Around every method of this class that the lab calls. Other classes, those above it too, stay as they are."""
    _homes[member.__module__] = plugin
    for name in _called(member):
        around = _around(member, name, plugin, answers.get(name))
        if around is not None:
            setattr(member, name, around)


class PluginWarning(UserWarning):
    """Something went wrong in a plugin and ended nothing."""


def note(about: str, said: Text) -> None:
    """Remember what went wrong in a plugin and ended nothing; a program is warned of it, once."""
    if about not in _notes:
        _notes[about] = said
        warnings.warn(said(language_of(os.environ)), PluginWarning, stacklevel=2)


def notes() -> dict[str, Text]:
    """All that was noted in this process, or in those that computed for it, by what it is about: for whoever tells a person."""
    return dict(_notes)


def hear(noted: Mapping[str, Text]) -> None:
    """The notes of a process that computes for this one."""
    for about, said in noted.items():
        note(about, said)


@contextlib.contextmanager
def strictly() -> Iterator[None]:
    """Nothing is made good: for whoever wants to know what a plugin does."""
    before = _strict.set(True)
    try:
        yield
    finally:
        _strict.reset(before)


def makes_good() -> bool:
    """Whether work goes on without what a plugin should have said."""
    return not _strict.get()


@contextlib.contextmanager
def blaming(plugin: Plugin | None = None, what: str = "") -> Iterator[None]:
    """What code of a plugin raises deeper down, in what a member has made (a problem, a module of PyTorch), is a Failed that names it.

    So is all that is raised where the whole block is `what` a plugin does.
    """
    try:
        yield
    except Exception as error:
        if _is_ours(type(error)):
            raise
        own = None if plugin is None else Failed(RAISES.format(plugin=plugin, what=what, error=in_words(error)))
        if (failed := blamed(error) or own) is None:
            raise
        raise failed from error


def blamed(error: BaseException) -> Failed | None:
    """The same of an error at hand; None where no plugin has a part in it, or it is in words already."""
    if _is_ours(type(error)):
        return None
    for frame, _ in reversed([*traceback.walk_tb(error.__traceback__)]):
        name = str(frame.f_globals.get("__name__", ""))
        plugin = _homes.get(name) or next((who for home, who in _homes.items() if _root(home) == name.partition(".")[0]), None)
        if plugin is not None:
            return Failed(RAISES.format(plugin=plugin, what=frame.f_code.co_qualname, error=in_words(error)))
    return None


def _root(home: str) -> str | None:
    """The package of a module; of a folder's file, which is none, nothing."""
    root = home.partition(".")[0]
    return None if root in (OURS, LOADED) else root


def _is_ours(kind: type) -> bool:
    return kind.__module__.partition(".")[0] == OURS


def _called(member: type) -> list[str]:
    """The names under which the lab finds something of the plugin's own, where its own classes have something too."""
    ours = {name for kind in member.__mro__ if _is_ours(kind) for name in vars(kind)}
    first = {name: kind for kind in reversed(member.__mro__) for name in vars(kind)}
    return [name for name in sorted(ours) if not _is_ours(first[name]) and (name == CALLED or not name.startswith("_"))]


def _around(member: type, name: str, plugin: Plugin, answer: Answer | None) -> Any:
    """What stands in for a method, of whatever kind; None for what is no method."""
    found = inspect.getattr_static(member, name)
    if isinstance(found, property):
        return None if found.fget is None else property(_guarded(found.fget, name, plugin, answer), doc=found.__doc__)
    if isinstance(found, functools.cached_property):
        kept = functools.cached_property(_guarded(found.func, name, plugin, answer))
        kept.__set_name__(member, name)
        return kept
    if isinstance(found, classmethod):
        return classmethod(_guarded(found.__func__, name, plugin, answer))
    if isinstance(found, staticmethod):
        inside = found.__func__
        return _guarded(lambda who, *given, **named: inside(*given, **named), name, plugin, answer)
    return _guarded(found, name, plugin, answer) if inspect.isroutine(found) else None


def _guarded(function: Callable[..., Any], name: str, plugin: Plugin, answer: Answer | None) -> Callable[..., Any]:
    @functools.wraps(function)
    def asked(who: Any, *given: Any, **named: Any) -> Any:
        try:
            return answered(who, *given, **named)
        except Failed as failed:
            if answer is None or answer.instead is None or not makes_good():
                raise
            note(f"{who.name}.{name}()", failed.text)
            return answer.instead(who, failed)

    def answered(who: Any, *given: Any, **named: Any) -> Any:
        what = f"{who.name}.{name}()"
        try:
            found = in_time(lambda: function(who, *given, **named), (plugin, what))
            found = tuple(found) if inspect.isgenerator(found) else found  # else it would raise where nobody listens
        except Silence as silence:
            raise Failed(SILENT.format(plugin=plugin, what=what, seconds=silence.seconds)) from None
        except (Exception, SystemExit) as error:
            if _is_ours(type(error)):
                raise
            raise Failed(RAISES.format(plugin=plugin, what=what, error=in_words(error))) from error
        if answer is not None and not _holds(answer, who, found, _in_order(function, who, given, named) if named else given):
            raise Failed(ANSWERS.format(plugin=plugin, what=what, allowed=answer.allowed, given=shown(found)))
        return found

    return asked


def _in_order(function: Callable[..., Any], who: Any, given: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
    """What was asked, some of it by name."""
    return inspect.signature(function).bind(who, *given, **named).args[1:]


def _holds(answer: Answer, who: Any, found: Any, given: tuple[Any, ...]) -> bool:
    try:
        return bool(answer.holds(who, found, *given))
    except Exception:  # what cannot even be asked whether it is one is none
        return False


def is_words(who: Any, found: Any, *asked: Any) -> bool:
    """A Text."""
    return isinstance(found, Text)


def is_reason(who: Any, found: Any, *asked: Any) -> bool:
    """A Text or nothing."""
    return found is None or isinstance(found, Text)


WORDS = Answer(is_words, Text("a Text", "Text"), _say)
REASON = Answer(is_reason, Text("a Text, or None", "Text или None"), _say)

RAISES = Text("the plugin {plugin} has failed: {what} raised {error}", "плагин {plugin} дал сбой: {what} — ошибка {error}")
ANSWERS = Text(
    "the plugin {plugin} has failed: {what} must return {allowed}, got {given}",
    "плагин {plugin} дал сбой: {what} возвращает {allowed}, а получено {given}",
)
SILENT = Text(
    "the plugin {plugin} has failed: {what} has not answered in {seconds} s, and is not asked again before the server is started anew",
    "плагин {plugin} дал сбой: {what} не отвечает дольше {seconds} с; до перезапуска сервера его больше не спросят",
)
