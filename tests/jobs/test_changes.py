"""A run's version grows with every change, also where more runs have changed than are counted one by one."""

from __future__ import annotations

import random

from ef21lab.jobs.changes import Changes


def test_no_version_ever_falls_though_most_are_evicted() -> None:
    changes, draw, seen = Changes(most=3), random.Random(0), dict.fromkeys("abcdefgh", 0)
    for _ in range(2000):
        key, changed = draw.choice("abcdefgh"), draw.random() < 0.5
        before = changes.version(key)
        if changed:
            changes.announce([key])
        assert changes.version(key) > before if changed else changes.version(key) == before
        assert changes.version(key) >= seen[key]
        seen[key] = changes.version(key)


def test_a_change_is_never_taken_for_what_was_seen_before() -> None:
    changes = Changes(most=2)
    changes.announce("a")
    seen = changes.version("a")
    changes.announce("bcda")
    assert changes.version("a") > seen


def test_a_listener_hears_of_every_change_until_it_ends_that() -> None:
    changes, heard = Changes(), []
    end = changes.subscribe(heard.append)
    changes.announce("ab")
    end()
    end()
    changes.announce("c")
    assert heard == ["a", "b"]
