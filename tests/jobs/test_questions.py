"""Questions: one task for all who ask, none for nobody, and no second try of what took too long."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from ef21lab.choices.text import Refusal, same
from ef21lab.jobs.engine import Failure, Withdraw
from ef21lab.jobs.questions import NOT_AGAIN, Questions

from .conftest import PATIENCE, HandEngine


def test_concurrent_callers_share_one_task_and_all_get_its_answer(hand: HandEngine) -> None:
    questions, answers = Questions(hand), []
    callers = [threading.Thread(target=lambda: answers.append(questions.ask("k", abs, -3, timeout=PATIENCE))) for _ in range(5)]
    for caller in callers:
        caller.start()
    task = hand.next()
    task.on_done(task.function(*task.args))
    for caller in callers:
        caller.join(PATIENCE)
    assert answers == [3] * 5
    assert not hand.waiting
    assert questions.ask("k", abs, -3, timeout=0) == 3


def test_who_only_waits_is_told_so_and_who_is_answered_at_once_is_not(hand: HandEngine) -> None:
    questions, told = Questions(hand), []

    @contextmanager
    def waits() -> Iterator[None]:
        told.append(threading.current_thread())
        yield
        told.append("over")

    questions.waits = waits
    asking = threading.Thread(target=lambda: questions.ask("k", abs, -3, timeout=PATIENCE))
    asking.start()
    hand.next().on_done(3)
    asking.join(PATIENCE)
    assert questions.ask("k", abs, -3, timeout=0) == 3
    assert told == [asking, "over"]


def test_a_question_that_nobody_waits_for_is_withdrawn_and_asked_anew(hand: HandEngine) -> None:
    questions = Questions(hand)
    with pytest.raises(TimeoutError):
        questions.ask("k", abs, -3, timeout=0)
    assert not hand.waiting
    asking = threading.Thread(target=lambda: questions.ask("k", abs, -3, timeout=PATIENCE))
    asking.start()
    hand.next().on_done(3)
    asking.join(PATIENCE)


def test_it_stays_while_another_waits_for_it(hand: HandEngine) -> None:
    questions, answers = Questions(hand), []
    patient = threading.Thread(target=lambda: answers.append(questions.ask("k", abs, -3, timeout=PATIENCE)))
    patient.start()
    hand.wait()
    with pytest.raises(TimeoutError):
        questions.ask("k", abs, -3, timeout=0)
    hand.next().on_done(3)
    patient.join(PATIENCE)
    assert answers == [3]


class Prompt(HandEngine):
    """Its worker begins a task at once: none can be withdrawn."""

    def submit(self, *what: Any, **terms: Any) -> Withdraw:
        super().submit(*what, **terms)
        return lambda: None


def test_an_answer_that_comes_after_all_is_kept() -> None:
    hand = Prompt()
    questions = Questions(hand)
    with pytest.raises(TimeoutError):
        questions.ask("k", abs, -3, timeout=0)
    hand.next().on_done(3)
    assert questions.ask("k", abs, -3, timeout=0) == 3


def test_what_took_too_long_is_refused_for_a_while_without_asking_and_a_plain_refusal_is_asked_again(hand: HandEngine) -> None:
    now = [0.0]
    questions = Questions(hand, clock=lambda: now[0])

    def asked(outcome: Failure | int) -> None:
        asking = threading.Thread(target=lambda: heard.append(answer(questions)))
        asking.start()
        hand.next().on_done(outcome)
        asking.join(PATIENCE)

    heard: list[object] = []
    asked(Failure(same("no such file"), refused=True))
    asked(Failure(same("stopped"), refused=False, too_long=True))
    assert answer(questions) == "stopped"
    assert not hand.waiting
    now[0] = NOT_AGAIN + 1
    asked(3)
    assert heard == ["no such file", "stopped", 3]


def answer(questions: Questions) -> object:
    try:
        return questions.ask("k", abs, -3, timeout=PATIENCE)
    except Refusal as refusal:
        return refusal.text.en


def test_the_latest_answers_stay(hand: HandEngine) -> None:
    questions = Questions(hand, most=2)
    for key in "abc":
        questions.remember(key, key)
    assert [questions.known(key) for key in "abc"] == [None, "b", "c"]
