"""What a grid of the page stands for: the runs of the document that it gives away, each of which the experiment page has too."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from ef21lab.address.links import link, specs
from ef21lab.address.opening import fitted_to
from ef21lab.algorithms.base import algorithms
from ef21lab.compressors.base import compressors
from ef21lab.datasets.base import datasets
from ef21lab.jobs.limits import estimated_seconds
from ef21lab.partitions.base import partitions
from ef21lab.runs.lanes import groups
from ef21lab.runs.planned import plan
from ef21lab.runs.posed import problem_of
from ef21lab.runs.repeats import repeats
from ef21lab.runs.spec import RunSpec
from ef21lab.sweeps.grid import cells
from ef21lab.ui.sweep import cost
from ef21lab.ui.sweep.asked import AskedGrid, Entrant, Ranges, on, split_of, strengths

SHARED = RunSpec.make({"dataset": "breast_cancer", "partition": {"name": "contiguous", "nodes": 4}, "rounds": 30, "seed": 5})
ENTRANTS = (
    Entrant("a", compressors.make({"name": "top_k", "k": 2}), SHARED.algorithm),
    Entrant("b", compressors.make({"name": "st_hosvd", "ranks": 1}), algorithms.make({"name": "ef14"})),
    Entrant("d", compressors.make("rand_k"), algorithms.make("marina")),
)
SMALL = Ranges((1.0, 8.0), 2, None, 2, (4,), (split_of(SHARED.partition),), (SHARED.dataset,))


def asked(ranges: Ranges, shared: RunSpec = SHARED) -> AskedGrid:
    runs = [on(shared, dataset) for dataset in ranges.datasets]
    return AskedGrid(shared, ENTRANTS, ranges, tuple(problem_of(run).facts for run in runs))


GRIDS = {
    "one problem": SMALL,
    "equal budgets": SMALL._replace(budget=100, strengths=3),
    "nodes": SMALL._replace(nodes=(1, 4, 7)),
    "heterogeneity": SMALL._replace(partitions=(SMALL.partitions[0], partitions.make({"name": "dirichlet", "concentration": 0.1}))),
    "datasets": SMALL._replace(datasets=(SHARED.dataset, datasets.make("digits"), datasets.make("diabetes"))),
    "all of it": SMALL._replace(
        nodes=(2, 3),
        partitions=(SMALL.partitions[0], partitions.make("shuffled")),
        datasets=(SHARED.dataset, datasets.make("digits")),
        budget=200,
    ),
}


@pytest.mark.parametrize("ranges", GRIDS.values(), ids=GRIDS)
def test_the_document_stands_for_the_same_runs_in_the_same_order(ranges: Ranges) -> None:
    grid = asked(ranges)
    document = json.loads(json.dumps(grid.document(1e-3)))
    assert [cell.spec for cell in cells(document["spec"], document["grid"])] == [run.spec for run in grid.places]
    assert len(grid.places) == grid.runs
    assert document["epsilon"] == 1e-3


def test_every_combination_is_there_once_and_repeats_are_those_of_the_library() -> None:
    grid = asked(GRIDS["all of it"])
    at = [(run.case, run.strong.letter, run.strong.rung, run.multiple, run.repeat) for run in grid.places]
    assert len(at) == len({*at}) == len({run.spec.key for run in grid.places})
    assert {run.case for run in grid.places} == set(range(2 * 2 * 2)) == set(range(len(grid.cases)))
    for run in grid.places:
        case = grid.cases[run.case]
        assert (run.spec.dataset, run.spec.partition.nodes) == (case.dataset, case.partition.nodes)
        assert run.spec.partition.name == case.partition.name
    for first in range(0, len(grid.places), 2):
        assert [run.spec for run in grid.places[first : first + 2]] == repeats(grid.places[first].spec, 2)


def test_what_may_share_lanes_stands_together() -> None:
    runs = [run.spec for run in asked(GRIDS["nodes"]).places]
    assert [place for group in groups(runs) for place in group] == list(range(len(runs)))


@pytest.mark.parametrize("ranges", [GRIDS["one problem"], GRIDS["equal budgets"], GRIDS["datasets"]], ids=["own", "bits", "datasets"])
def test_a_run_is_that_of_the_experiment_page_under_its_link(ranges: Ranges) -> None:
    """Also where that page fits folds and counts to the problem: so the keys, and with them the records, are shared."""
    grid = asked(ranges)
    for run in grid.places[:: max(1, len(grid.places) // 12)]:
        facts = grid.facts[ranges.datasets.index(run.spec.dataset)]
        (opened,) = specs(link(run.spec))
        assert fitted_to(facts.layout, opened).key == run.spec.key


def test_at_equal_budgets_no_message_is_over_its_own() -> None:
    facts = asked(SMALL).facts[0]
    ranges = GRIDS["equal budgets"]
    for entrant in ENTRANTS:
        found = strengths(entrant, ranges, facts)
        budgets = [100, 200, 400]
        own = min(one.cost(facts.d)[0] for one in found)
        for one in found:
            assert one.cost(facts.d)[0] <= max(budgets) or one.cost(facts.d)[0] == own


def test_the_cost_is_arithmetic_until_runs_are_done_and_then_theirs() -> None:
    grid = asked(SMALL)
    alone = [estimated_seconds(plan(run.spec, grid.facts[0])) for run in grid.places]
    assert cost.seconds(grid, grid.places) == pytest.approx(cost.LANE * sum(alone))
    first = grid.places[0].spec.key
    factor = 3.0
    measured = cost.seconds(grid, grid.places[1:], lambda spec: factor * cost.LANE * alone[0] if spec.key == first else None)
    assert measured == pytest.approx(factor * cost.LANE * sum(alone[1:]))


def test_each_dataset_takes_an_objective_that_fits_its_labels() -> None:
    names = [on(SHARED, datasets.make(name)).objective.name for name in ("digits", "diabetes", "mushrooms")]
    for name, objective in zip(("digits", "diabetes", "mushrooms"), names, strict=True):
        run = on(replace(SHARED, partition=SHARED.partition), datasets.make(name))
        assert problem_of(run).facts.d > 0, objective
    assert names[2] == SHARED.objective.name
