"""What is done with the chosen runs: tags, a note, a pin, out of sight, deleted."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ef21lab.choices.text import Refusal, Text
from ef21lab.jobs.marks import LONGEST_NOTE, NONE, Said, tags_in
from ef21lab.ui.kit import visitor
from ef21lab.ui.kit.language import say
from ef21lab.ui.runs import rows, whose

TROUBLE, DONE = "_runs.trouble", "_runs.done"  # session state: what was refused, what was done, until the next deed
TAGS, NOTE = "runs.tags", "runs.note"


def offer(keys: Sequence[str]) -> None:
    """Tags and note of the chosen runs, pins, and the ways to be rid of them."""
    owner = whose.owner()
    marks = visitor.lab().store.marks.of(owner, keys)
    said = [marks.get(key, NONE) for key in keys]
    st.caption(say(COMMON_LIST if whose.is_operator() else OWN_LIST))
    _words(keys, said)
    with st.container(horizontal=True):
        if not all(one.pinned for one in said):
            st.button(say(PIN), icon=":material/keep:", on_click=_put, args=(keys, {"pinned": True}))
        if any(one.pinned for one in said):
            st.button(say(UNPIN), icon=":material/keep_off:", on_click=_put, args=(keys, {"pinned": False}))
        if any(one.hidden for one in said):
            st.button(say(BRING_BACK), icon=":material/visibility:", on_click=_put, args=(keys, {"hidden": False}))
        elif not whose.is_operator():
            st.button(say(PUT_AWAY), icon=":material/visibility_off:", on_click=_put, args=(keys, {"hidden": True}), help=say(AWAY))
        if whose.is_operator():
            with st.popover(say(DELETE), icon=":material/delete:"):
                st.markdown(say(SURE.format(n=len(keys))))
                st.button(say(DELETE), key="runs.delete", type="primary", on_click=_delete, args=(keys,))


def outcome() -> None:
    """What the last deed came to."""
    if trouble := st.session_state.pop(TROUBLE, None):
        st.error(say(trouble))
    if done := st.session_state.pop(DONE, None):
        st.success(say(done))


def _words(keys: Sequence[str], said: Sequence[Said]) -> None:
    """Of one run its own words; of several what is to be added to each."""
    alone = said[0] if len(said) == 1 else NONE
    which = keys[0] if len(keys) == 1 else "several"
    left, right = st.columns(2)
    left.text_input(say(TAGS_OF_ONE if len(keys) == 1 else TAGS_OF_ALL), ", ".join(alone.tags), key=f"{TAGS}.{which}")
    if len(keys) == 1:
        right.text_area(say(NOTE_OF_ONE), alone.note, key=f"{NOTE}.{which}", max_chars=LONGEST_NOTE, height=68)
    st.button(say(KEEP), icon=":material/label:", on_click=_keep_words, args=(keys, which))


def _keep_words(keys: Sequence[str], which: str) -> None:
    tags = tags_in(st.session_state[f"{TAGS}.{which}"])
    if len(keys) == 1:
        _put(keys, {"tags": tags, "note": st.session_state[f"{NOTE}.{which}"]})
    else:
        _put(keys, {"tags": tags}, added=True)


def _put(keys: Sequence[str], changes: dict[str, object], added: bool = False) -> None:
    """Change what this visitor's list says of these runs; with `added` its tags stay."""
    marks, owner = visitor.lab().store.marks, whose.owner()
    before = {key: marks.of(owner, keys).get(key, NONE) for key in keys}
    after = {
        key: one._replace(**({"tags": (*one.tags, *changes["tags"])} if added else changes))  # type: ignore[misc]
        for key, one in before.items()
    }
    try:
        marks.put(owner, after)
    except Refusal as refusal:
        st.session_state[TROUBLE] = refusal.text
        return
    if "hidden" in changes:
        rows.forget()


def _delete(keys: Sequence[str]) -> None:
    lab, owner = visitor.lab(), whose.owner()
    deleted = lab.delete(keys, owner, anything=whose.is_shared())
    st.session_state[DONE] = DELETED.format(n=len(deleted))
    if len(deleted) < len(keys):
        st.session_state[TROUBLE] = STAY.format(n=len(keys) - len(deleted))
    rows.forget()


COMMON_LIST = Text("Tags, notes and pins are of the record itself.", "Метки, заметки и закрепления принадлежат самим записям.")
OWN_LIST = Text(
    "Tags, notes and pins are yours alone, and this browser keeps the key to them.",
    "Метки, заметки и закрепления — только ваши, ключ к ним хранит этот браузер.",
)
TAGS_OF_ONE = Text("Tags, between commas", "Метки через запятую")
TAGS_OF_ALL = Text("Tags to add to each, between commas", "Какие метки добавить каждому, через запятую")
NOTE_OF_ONE = Text("Note", "Заметка")
KEEP = Text("Keep these words", "Сохранить")
PIN, UNPIN = Text("Pin", "Закрепить"), Text("Unpin", "Открепить")
PUT_AWAY, BRING_BACK = Text("Put away", "Убрать"), Text("Bring back", "Вернуть")
AWAY = Text("Out of your list; for others they stay.", "Из вашего списка; у остальных они останутся.")
DELETE = Text("Delete", "Удалить")
SURE = Text(
    "Delete {n:run|runs} for everybody? The record forgets the numbers; whoever asks for one again has it computed anew.",
    "Удалить {n:запуск|запуска|запусков} для всех? Числа исчезнут из записей; если запуск снова запросят, он будет вычислен заново.",
)
DELETED = Text("Deleted: {n:run|runs}.", "Удалено: {n:запуск|запуска|запусков}.")
STAY = Text(
    "{n:run stays|runs stay}: going now, gone already, or held by another list.",
    "{n:запуск не удалён|запуска не удалены|запусков не удалены}: идут сейчас, уже удалены или отмечены в чужом списке.",
)
