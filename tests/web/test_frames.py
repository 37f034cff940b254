"""What a feed promises its viewers: every row once and in order, whatever place they come from."""

import base64
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ef21lab.choices.text import Text
from ef21lab.problems.base import Facts
from ef21lab.runs.guarantees import STATEMENTS, guarantees
from ef21lab.runs.planned import plan
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import trace_of
from ef21lab.web.server.frames import MOST_ERRORS, MOST_ROWS, Feed, News, Place, relative_errors
from tests.web.conftest import Status, rows


def feed_of(first: int, last: int, state: str = "running", feed: Feed | None = None, total: int = 100) -> Feed:
    feed = feed or Feed("a" * 24)
    feed.take(News(last, Status(state, last, total), trace_of(rows(first, last)), ()))
    feed.release_errors(0.0, 0.0)
    return feed


def numbers(text: str) -> list[float]:
    return np.frombuffer(base64.b64decode(text), "<f8").tolist()


def rounds_seen(feed: Feed, place: Place) -> tuple[list[float], list[float], list[str], Place]:
    """All that a viewer at `place` is told until there is nothing more."""
    curves, errors, kinds = [], [], []
    while frame := feed.frame(place):
        told = json.loads(frame.json)
        curves += numbers(told["columns"]["round"])
        errors += numbers(told["errors"]["rounds"])
        kinds.append(frame.kind)
        place = frame.place
    return curves, errors, kinds, place


@given(st.lists(st.integers(0, 40), min_size=1, max_size=6), st.integers(-1, 40), st.booleans())
def test_rows_come_once_and_in_order_from_any_cursor(breaks, cursor, overlap):
    feed, place, seen = Feed("a" * 24), Place(cursor, cursor), []
    for last in sorted({*breaks, 40}):
        feed_of(0 if overlap else feed.head + 1, last, "done" if last == 40 else "running", feed)
        curves, _, _, place = rounds_seen(feed, place)
        seen += curves
    late, late_errors, *_ = rounds_seen(feed, Place(cursor, cursor))
    assert seen == late == late_errors == list(range(cursor + 1, 41))


def test_a_viewer_is_told_a_snapshot_then_deltas_then_the_end():
    feed = feed_of(0, 3)
    _, _, first, place = rounds_seen(feed, Place())
    _, _, second, place = rounds_seen(feed_of(4, 5, feed=feed), place)
    _, _, third, place = rounds_seen(feed_of(6, 6, "paused", feed), place)
    curves, errors, last, place = rounds_seen(feed_of(7, 8, "done", feed), place)
    assert (first, second, third, last) == (["snapshot"], ["delta"], ["delta"], ["end"])
    assert (curves, errors) == ([7, 8], [7, 8])
    assert feed.frame(place) is None


def test_a_change_of_state_alone_is_told():
    feed = feed_of(0, 3)
    *_, place = rounds_seen(feed, Place())
    assert rounds_seen(feed_of(0, 3, "paused", feed), place)[:3] == ([], [], ["state"])


def test_a_run_that_goes_on_after_its_end_is_told_to_go_on():
    feed = feed_of(0, 3, "cancelled")
    *_, place = rounds_seen(feed, Place())
    assert rounds_seen(feed_of(4, 6, "running", feed), place)[:3] == ([4, 5, 6], [4, 5, 6], ["delta"])


def test_viewers_at_the_same_place_share_one_serialised_frame():
    feed = feed_of(0, 9)
    frames = [feed.frame(Place()) for _ in range(50)]
    assert all(frame is frames[0] for frame in frames)
    assert feed.serialised == 1
    feed.frame(Place(5, 5, "running"))
    assert feed.serialised == 2


def test_the_heatmap_of_a_running_run_comes_more_seldom_than_its_curve():
    feed = Feed("a" * 24)
    for last, now in ((1, 10.0), (2, 10.25), (3, 10.5), (4, 11.1)):
        feed.take(News(last, Status("running", last, 9), trace_of(rows(0, last)), ()))
        feed.release_errors(now, 1.0)
        assert feed.errors_upto == {1: 1, 2: 1, 3: 1, 4: 4}[last]


def test_a_long_frame_is_thinned_and_keeps_both_ends():
    feed = feed_of(0, MOST_ROWS + 7, total=MOST_ROWS + 7)
    curves, errors, *_ = rounds_seen(feed, Place())
    assert len(curves) <= MOST_ROWS
    assert (curves[0], curves[-1]) == (0, MOST_ROWS + 7)
    assert errors == curves


def test_a_heatmap_of_many_nodes_is_thinned_to_its_share_of_a_frame():
    feed, nodes = Feed("a" * 24), MOST_ERRORS // 50
    feed.take(News(99, Status("done", 99, 99), trace_of(rows(0, 99, nodes=nodes)), ()))
    feed.release_errors(0.0, 0.0)
    told = json.loads(feed.frame(Place()).json)
    assert (told["errors"]["rows"], told["errors"]["nodes"]) == (50, nodes)
    assert numbers(told["errors"]["rounds"])[::49] == [0, 99]
    assert len(numbers(told["columns"]["round"])) == 100


@given(st.lists(st.floats(0, 1e76) | st.just(np.nan), min_size=1, max_size=20))
def test_errors_are_roots_of_the_contraction_to_float32(contraction):
    np.testing.assert_allclose(relative_errors(np.array(contraction)), np.sqrt(contraction), rtol=2**-24, atol=1e-45)


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e-300, -0.0])
def test_numbers_arrive_bit_for_bit(value):
    feed = Feed("a" * 24)
    record = rows(0, 0)[0]._replace(grad_norm_sq=np.array([value]))
    feed.take(News(1, Status("running", 0, 5), trace_of([record]), ()))
    told = json.loads(feed.frame(Place()).json)
    assert base64.b64decode(told["columns"]["grad_norm_sq"]) == np.array([value]).astype("<f8").tobytes()


def more_of(feed: Feed, place: Place) -> tuple[list[dict], Place]:
    """What a viewer at `place` is told of the layer until there is nothing more."""
    layers = []
    while frame := feed.frame(place):
        layers += [told["more"]] if "more" in (told := json.loads(frame.json)) else []
        place = frame.place
    return layers, place


SPEC = RunSpec.make({"partition": {"name": "contiguous", "nodes": 3}})
SMOOTH = Facts(112, 3, 8124, ((112,),), 1.0, np.array([1.0, 2.0, 3.0]), None, 1, np.array([2708] * 3), True, 0.0)


def test_the_layer_comes_once_and_in_order_to_those_who_ask_and_to_no_others():
    feed = feed_of(0, 3)
    before, asked = more_of(feed, Place(more=-1))
    feed.set_guarantees(guarantees(plan(SPEC, SMOOTH)))
    first, asked = more_of(feed, asked)
    second, asked = more_of(feed_of(4, 6, "done", feed), asked)
    assert [*before, *more_of(feed, Place())[0]] == []
    assert [numbers(layer["columns"]["round"]) for layer in first + second] == [[0, 1, 2, 3], [4, 5, 6]]
    assert [sorted(layer) for layer in first + second] == [["columns", "guarantees"], ["columns"]]
    assert not feed.owes(asked)


def test_an_ended_run_owes_the_layer_until_theorems_have_been_heard():
    feed = feed_of(0, 3, "done")
    *_, place = rounds_seen(feed, Place(more=-1))
    assert feed.owes(place)
    feed.set_guarantees(Text("not known", "неизвестно"))
    (layer,), place = more_of(feed, place)
    assert set(layer["guarantees"]["missing"]) == set(STATEMENTS)
    assert layer["guarantees"]["missing"]["mean"] == {"en": "not known", "ru": "неизвестно"}
    assert not feed.owes(place)


def test_what_is_drawn_of_a_part_is_what_is_drawn_of_the_whole():
    """The running mean of the second chunk knows of the first."""
    said = guarantees(plan(SPEC, SMOOTH))
    parts, whole = feed_of(0, 3), feed_of(0, 9)
    _, place = (parts.set_guarantees(said), more_of(parts, Place(more=-1)))[1]
    (late,), _ = more_of(feed_of(4, 9, feed=parts), place)
    whole.set_guarantees(said)
    (once,), _ = more_of(whole, Place(more=-1))
    for name, column in once["columns"].items():
        assert numbers(column)[4:] == numbers(late["columns"][name]), name
