"""Pages are put together in turn: never more than AT_ONCE, and who waits for a worker holds nobody up."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from ef21lab.ui.kit.in_turn import AT_ONCE, aside, turn

PATIENCE = 60.0


def together(works: list[Callable[[], object]]) -> list[object]:
    with ThreadPoolExecutor(len(works)) as pool:
        return [one.result(PATIENCE) for one in [pool.submit(work) for work in works]]


def test_no_more_than_so_many_are_put_together_at_once() -> None:
    within, most, lock = set(), [], threading.Lock()

    def page(number: int) -> None:
        with turn():
            with lock:
                within.add(number)
                most.append(len(within))
            threading.Event().wait(0.01)
            with lock:
                within.remove(number)

    together([lambda number=number: page(number) for number in range(8)])
    assert max(most) == AT_ONCE
    assert len(most) == 8


def test_while_a_page_waits_for_a_worker_others_have_its_place() -> None:
    waiting, answered = threading.Barrier(AT_ONCE + 1), threading.Event()

    def waits() -> None:
        with turn(), aside():
            waiting.wait(PATIENCE)
            assert answered.wait(PATIENCE)

    def others() -> None:
        waiting.wait(PATIENCE)  # all who wait have begun
        with turn():
            answered.set()

    together([*[waits] * AT_ONCE, others])


def test_a_page_that_is_cut_short_gives_its_place_back() -> None:
    for _ in range(2 * AT_ONCE):
        with pytest.raises(KeyError), turn(), aside():
            raise KeyError
    with pytest.raises(KeyError), turn():
        raise KeyError
    with turn():
        pass


def test_without_a_turn_there_is_nothing_to_give_away() -> None:
    with aside():
        together([test_a_page_that_is_cut_short_gives_its_place_back])
