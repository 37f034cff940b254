"""Networks: held to the softmax problem, to their formula, to finite differences, and to a loop over the nodes in plain PyTorch."""

from __future__ import annotations

import io
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ef21lab.choices.text import Refusal
from ef21lab.datasets.base import Table, datasets
from ef21lab.partitions.base import partitions
from ef21lab.problems.base import objectives
from ef21lab.problems.networks.base import networks
from ef21lab.runs.experiment import run, start_run, trace_of
from ef21lab.runs.lanes import run_many
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trained import state_dict_file, trained
from ef21lab.starts.base import starts

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

SIDE, ROWS, CLASSES, LAM = 5, 37, 3, 0.07
NODE_OF_ROW = np.random.default_rng(0).permutation(np.repeat(np.arange(4), [1, 6, 15, 15]))
MEMBERS = [
    {"name": "logistic"},
    {"name": "mlp", "width": 4},
    {"name": "mlp", "width": 3, "hidden": 2, "activation": "tanh"},
    {"name": "conv", "channels": 2},
    {"name": "conv", "channels": 8, "layers": 1, "norm": "group", "activation": "tanh"},
    {"name": "conv", "channels": 2, "norm": "group"},
]
every_network = pytest.mark.parametrize("network", MEMBERS, ids=lambda network: "-".join(map(str, network.values())))


def images():
    rng = np.random.default_rng(1)
    return Table(rng.normal(size=(ROWS, SIDE**2)), rng.integers(0, CLASSES, ROWS), ("a", "b", "c"), (SIDE, SIDE))


def objective(network):
    return objectives.make({"name": "network", "network": network, "lam": LAM})


def posed(network):
    return objective(network).on(images(), NODE_OF_ROW, 4)


def points(made, lanes=2):
    return np.random.default_rng(2).normal(size=(lanes, made.d)) / 2


def test_every_network_is_among_those_that_are_tried():
    assert {network["name"] for network in MEMBERS} == {*networks.members}


@pytest.mark.parametrize("partition", ["by_label", "contiguous"])
def test_without_a_hidden_layer_it_is_the_softmax_problem(partition):
    """Loss, gradients and mini-batch gradients, on all digits."""
    table = datasets.make("digits").load()
    node_of_row = partitions.make({"name": partition, "nodes": 7}).assign(table)
    known = objectives.make({"name": "softmax", "lam": LAM}).on(table, node_of_row, 7)
    made = objective("logistic").on(table, node_of_row, 7)
    assert made.facts.layout == known.facts.layout
    x = np.random.default_rng(3).normal(size=(2, known.d))
    np.testing.assert_allclose(made.loss(x), known.loss(x), rtol=1e-13)
    np.testing.assert_allclose(made.gradients(x), known.gradients(x), rtol=1e-11, atol=1e-13)
    for node in range(7):  # of both problems a row has the same number where a share is in the order of the table
        rows = np.flatnonzero(node_of_row == node)
        alone = objectives.make({"name": "softmax", "lam": LAM}).on(_of(table, rows[[0, 2, 2]]), np.zeros(3, dtype=int), 1)
        sampled = made.at(x).sampled(np.tile([0, 2, 2], (2, 7, 1)))[:, node]
        np.testing.assert_allclose(sampled, alone.gradients(x)[:, 0], rtol=1e-11, atol=1e-13)


def _of(table, rows):
    return table._replace(features=table.features[rows], labels=table.labels[rows])


@every_network
def test_the_loss_is_that_of_the_formula(network):
    made, given, x = posed(network), images(), points(posed(network))
    slow = [
        np.mean([np.mean([_row_loss(network, one, given, j) for j in np.flatnonzero(i == NODE_OF_ROW)]) for i in range(4)]) for one in x
    ]
    np.testing.assert_allclose(made.loss(x), slow, rtol=1e-12)


def _row_loss(network, x, given, j):
    return objective(network).literal(x, given.features[j], given.labels[j], CLASSES)


@every_network
def test_the_gradient_is_the_finite_difference_of_the_formula(network):
    """Along a few directions, of one node."""
    made, given = posed(network), images()
    x, node, h = points(made, 1), 1, 1e-6
    for v in np.random.default_rng(4).normal(size=(5, made.d)):
        plus, minus = (
            np.mean([_row_loss(network, x[0] + sign * h * v, given, j) for j in np.flatnonzero(node == NODE_OF_ROW)]) for sign in (1, -1)
        )
        assert made.gradients(x)[0, node] @ v == pytest.approx((plus - minus) / (2 * h), rel=1e-6, abs=1e-7)


@every_network
def test_every_nodes_gradient_is_what_plain_pytorch_finds_node_by_node(network):
    made, given, x = posed(network), images(), points(posed(network))
    found, sampled = made.at(x).gradients, made.at(x).sampled(np.tile([0, 0, 0], (2, 4, 1)))
    for lane in range(2):
        for node in range(4):
            rows = np.flatnonzero(node == NODE_OF_ROW)
            np.testing.assert_allclose(found[lane, node], _by_pytorch(network, made, x[lane], given, rows), rtol=1e-10, atol=1e-12)
            first = _by_pytorch(network, made, x[lane], given, rows[:1])  # three times the same row
            np.testing.assert_allclose(sampled[lane, node], first, rtol=1e-10, atol=1e-12)


def _by_pytorch(network, made, x, given, rows):
    """backward() through an ordinary module whose parameters are loaded by name, weight decay included."""
    module = networks.make(network).module((SIDE, SIDE), CLASSES).double()
    module.load_state_dict({name: torch.tensor(part) for name, part in made.named(x).items()})
    loss = torch.nn.CrossEntropyLoss()(module(torch.tensor(given.features[rows])), torch.tensor(given.labels[rows]))
    (loss + LAM / 2 * sum((part**2).sum() for part in module.parameters())).backward()
    return np.concatenate([part.grad.numpy().ravel() for part in module.parameters()])


@pytest.mark.parametrize("channels", [3, 8, 16])
def test_a_kernels_gradient_in_every_batch_is_that_of_autograd(channels):
    """Of a convolution whose two directions have nothing in common, and of channels few and many."""
    from ef21lab.problems.networks._tape import _weights

    layer = torch.nn.Conv2d(channels, 5, (3, 2), stride=(2, 1), padding=(1, 2), dilation=(1, 2)).double()
    rng = np.random.default_rng(6)
    given = torch.from_numpy(rng.normal(size=(6, channels, 7, 6)))
    slope = torch.from_numpy(rng.normal(size=layer(given).shape))
    found = [*_weights(layer, given, slope, 3)]
    for batch in range(3):
        rows = slice(2 * batch, 2 * batch + 2)
        for part, own in zip(found, torch.autograd.grad(layer(given[rows]), [layer.weight, layer.bias], slope[rows]), strict=True):
            np.testing.assert_allclose(part[batch].detach().reshape(own.shape), own, rtol=1e-12, atol=1e-12)


@every_network
def test_a_row_is_of_the_class_with_the_largest_logit(network):
    given, made = images(), posed(network)
    x = points(made)
    slow = [[np.argmax(networks.make(network).literal(one, row, CLASSES)) for row in given.features] for one in x]
    assert np.array_equal(objective(network).classifier(given)(x), slow)


@every_network
def test_the_layout_says_of_which_tensors_x_is_made(network):
    made = posed(network)
    assert sum(math.prod(shape) for shape in made.facts.layout) == made.d
    if network["name"] != "logistic":  # whose one tensor keeps the sides of an image
        assert made.facts.layout == tuple(part.shape for part in made.named(np.zeros(made.d)).values())


IN_PIECES = [(1, 1), (1, 3), (1, 3), (1, 4), (1, 4), (1, 4), (1, 3), (1, 4), (1, 4), (1, 4), (1, 3)]


@pytest.mark.parametrize(("rows", "passes"), [(2, IN_PIECES), (8, [(1, 1), (1, 6), (1, 15), (1, 15)]), (45, [(1, 1), (1, 6), (2, 15)])])
def test_whatever_passes_together_the_gradient_is_that_of_pytorch(monkeypatch, rows, passes):
    """Shares of 1, 6, 15 and 15 rows, where so many pass together: in pieces, one after the other, as many as there are."""
    from ef21lab.problems.networks import _problem

    monkeypatch.setattr(_problem, "FULL", 8 * rows * NUMBERS_OF_A_ROW)
    made, given = posed("conv"), images()
    x = points(made)
    assert [group.places.shape for group in made.groups] == passes
    found = made.gradients(x)
    for lane, node in np.ndindex(2, 4):
        plain = _by_pytorch({"name": "conv"}, made, x[lane], given, np.flatnonzero(node == NODE_OF_ROW))
        np.testing.assert_allclose(found[lane, node], plain, rtol=1e-10, atol=1e-12)


def test_numbers_of_half_the_bytes_pass_in_twice_as_many_rows(monkeypatch):
    from ef21lab.problems.networks import _problem

    monkeypatch.setattr(_problem, "FULL", 8 * 23 * NUMBERS_OF_A_ROW)
    made = posed("conv")
    assert [group.places.shape for group in made.groups][2:] == [(1, 15), (1, 15)]
    assert [group.places.shape for group in made.in_single().groups][2:] == [(2, 15)]


@given(shares=st.lists(st.integers(1, 30), min_size=1, max_size=12), together=st.integers(1, 40))
def test_a_full_pass_takes_every_row_once_and_no_more_than_it_may(shares, together):
    from ef21lab.problems.networks._passes import groups_of

    node_rows = np.array(shares)
    first_rows = np.cumsum(node_rows) - node_rows
    found = list(groups_of(node_rows, first_rows, together))
    rows = [(node, place) for group in found for node, own in zip(*group, strict=True) for place in own]
    assert sorted(rows) == [(node, first_rows[node] + row) for node, count in enumerate(shares) for row in range(count)]
    assert all(group.places.size <= (together if len(group.nodes) > 1 else 2 * together) for group in found)


def test_lanes_at_one_point_pass_once(monkeypatch):
    made = posed({"name": "conv"})
    one, other = points(made)
    alone = [made.at(x[None]) for x in (one, other)]
    expected = [(point.gradients[0], point.loss()[0]) for point in alone]
    passes, sums = [], made.sums
    monkeypatch.setattr(made, "sums", lambda *given: passes.append(given) or sums(*given))
    together = made.at(np.stack([one, other, one, one, other]))
    for lane, (gradients, loss) in enumerate(expected[which] for which in (0, 1, 0, 0, 1)):
        np.testing.assert_array_equal(together.gradients[lane], gradients)
        assert together.loss()[lane] == loss
    assert len(passes) == 2 * len(made.groups)


@pytest.mark.parametrize("precision", ["float64", "float32"])
@pytest.mark.parametrize("network", [{"name": "conv"}, {"name": "conv", "norm": "group", "channels": 5}, {"name": "mlp"}], ids=str)
def test_a_mini_batch_is_to_the_bit_what_it_is_in_smaller_company(network, precision, monkeypatch):
    """Of a network that somebody would train: for products of a few numbers BLAS has another way than for many."""
    digits = datasets.make("digits").load()
    made = objective(network).on(digits, np.arange(len(digits.labels)) % 10, 10)
    made = made.in_single() if precision == "float32" else made
    x, rows = points(made), np.random.default_rng(3).integers(0, 170, (2, 10, 16))
    assert made.mini_batches(16) == [slice(0, 10)]
    found = made.at(x).sampled(rows)
    monkeypatch.setattr(made, "mini_batches", lambda batch: [slice(0, 8), slice(8, 10)])
    np.testing.assert_array_equal(made.at(x).sampled(rows), found)


@given(nodes=st.integers(1, 60), batch=st.integers(1, 80), together=st.integers(1, 200), more=st.integers(1, 6))
def test_more_pass_together_where_nobody_can_tell(nodes, batch, together, more):
    """Every node once; those alone who always were, and everybody's company as it was where rows fill no whole lines."""
    from ef21lab.problems.networks._passes import abreast

    found = [range(nodes)[part] for part in abreast(nodes, batch, together, more * together)]
    full = max(1, together // batch)
    before = [range(nodes)[first : first + full] for first in range(0, nodes, full)]
    assert [node for part in found for node in part] == [*range(nodes)]
    assert [part for part in found if len(part) == 1] == [part for part in before if len(part) == 1]
    assert found == before or (batch % 16 == 0 and all(len(part) * batch <= more * together or len(part) <= 3 for part in found))


NUMBERS_OF_A_ROW = 25 + 25 + 2 * 8 * 9 + 2 * 16 * 4 + 16 * 4 + CLASSES  # the row, as an image, two layers and activations, flat, logits


@every_network
def test_lanes_threads_and_other_settings_change_no_bit(network):
    made = posed(network)
    x, rows = points(made, 3), np.random.default_rng(5).integers(0, 1, (3, 4, 2))
    together = made.at(x)
    found = together.gradients, together.loss(), together.sampled(rows)
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(3 - min(before, 2))
        for lane in range(3):
            alone = posed(network).at(x[lane : lane + 1])
            parts = alone.gradients, alone.loss(), alone.sampled(rows[lane : lane + 1])
            assert all(np.array_equal(part[0], whole[lane]) for part, whole in zip(parts, found, strict=True))
        assert torch.get_num_threads() == 3 - min(before, 2)
    finally:
        torch.set_num_threads(before)


@every_network
def test_a_float32_state_is_computed_in_float32(network):
    made = posed(network)
    single, x = made.in_single(), points(made).astype(np.float32)
    found, exact = single.at(x).gradients, made.gradients(x.astype(float))
    assert found.dtype == single.at(x).sampled(np.zeros((2, 4, 3), dtype=int)).dtype == np.float32
    assert 0 < np.abs(found - exact).max() < 1e-4 * np.abs(exact).max()
    np.testing.assert_allclose(single.loss(x), made.loss(x.astype(float)), rtol=1e-5)


SPEC = {
    "dataset": "digits",
    "partition": {"name": "by_label", "nodes": 5},
    "objective": {"name": "network", "network": {"name": "conv", "channels": 2}},
    "algorithm": {"name": "ef21_sgdm", "batch": 8},
    "compressor": {"name": "top_k", "k": 20},
    "step": {"rule": "fixed", "gamma": 0.2},
    "start": "initial",
    "rounds": 12,
    "record_every": 4,
}


@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_a_run_goes_on_bit_for_bit_and_as_a_lane_too(precision):
    spec = RunSpec.make({**SPEC, "precision": precision})
    whole = run(spec)
    going = start_run(spec)
    first = [next(going), next(going)]
    rest = start_run(spec, going.checkpoint())
    resumed = trace_of([*first, *rest], x=rest.checkpoint().point())
    other = RunSpec.make({**SPEC, "precision": precision, "step": {"rule": "fixed", "gamma": 1e9}})
    lane = run_many([other, spec])[1]
    for trace in (resumed, lane):
        assert all(np.array_equal(trace[name], whole[name]) for name in whole.columns if name != "seconds" and name != "moved")
        assert np.array_equal(trace.x, whole.x)


FAST = {"rule": "fixed", "gamma": 0.5}


def test_training_comes_down():
    trace = run({**SPEC, "objective": "network", "algorithm": "ef21", "rounds": 60, "record_every": 60, "step": FAST})
    assert trace["loss"][-1] < 0.75 * trace["loss"][0]


def test_what_was_trained_is_an_ordinary_module(tmp_path):
    """It goes through a file, and its loss on all rows is that of the trace, weight decay aside."""
    spec = {**SPEC, "objective": {**SPEC["objective"], "lam": 0.0}, "partition": {"name": "shuffled", "nodes": 1}}
    trace = run(spec)
    torch.save(trained(spec, trace).state_dict(), tmp_path / "network.pt")
    module = networks.make(spec["objective"]["network"]).module((8, 8), 10).double()
    module.load_state_dict(torch.load(tmp_path / "network.pt"))
    table = datasets.make("digits").load()
    loss = torch.nn.CrossEntropyLoss()(module(torch.tensor(table.features)), torch.tensor(table.labels))
    assert loss.item() == pytest.approx(trace["loss"][-1], rel=1e-12)


def test_what_is_no_network_has_no_module():
    spec = {"rounds": 1}
    with pytest.raises(Refusal, match="only the objective network has a module"):
        trained(spec, run(spec))


@every_network
def test_the_start_is_that_of_pytorchs_layers(network):
    """Each layer's numbers lie in the same interval and fill it as those that PyTorch draws; scales of a norm are the same."""
    made, module = posed(network), networks.make(network).module((SIDE, SIDE), CLASSES)
    drawn = [made.named(starts.make({"name": "initial", "seed": seed}).point(made)) for seed in range(300)]
    theirs = []
    for seed in range(300):
        torch.manual_seed(seed)
        for layer in module.modules():
            if hasattr(layer, "reset_parameters"):
                layer.reset_parameters()
        theirs.append({name: part.detach().numpy().copy() for name, part in module.named_parameters()})
    for name in theirs[0]:
        own, other = (np.array([each[name] for each in many]) for many in (drawn, theirs))
        assert np.abs(own).max() == pytest.approx(np.abs(other).max(), rel=0.02)
        assert own.std() == pytest.approx(other.std(), rel=0.05)
    assert np.array_equal(starts.make("initial").point(made), starts.make("initial").point(posed(network)))


@pytest.mark.parametrize(
    ("network", "table", "words"),
    [
        ("mlp", images()._replace(labels=np.zeros(ROWS), classes=()), "a network needs classes"),
        ("conv", images()._replace(shape=(SIDE**2,)), "the rows of this dataset are 25 — choose mlp"),
    ],
)
def test_what_it_cannot_be_trained_on_is_refused_in_words(network, table, words):
    with pytest.raises(Refusal, match=words):
        objective(network).on(table, NODE_OF_ROW, 4)


def test_theory_says_in_words_that_it_has_no_step():
    with pytest.raises(Refusal, match="no L is known for this problem.*choose a fixed γ"):
        run({**SPEC, "step": "theory"})


def test_the_file_of_a_trained_network_is_read_by_torch_into_a_module_of_the_same_kind():
    """Into one of float32 too, whose answers are those of x."""
    spec = {"dataset": "digits", "objective": {"name": "network", "network": {"name": "conv", "channels": 2}}, "rounds": 3}
    network, trace = networks.make({"name": "conv", "channels": 2}), run(spec)
    told = torch.load(io.BytesIO(state_dict_file(spec, trace.x)), weights_only=True)
    assert np.array_equal(torch.cat([part.reshape(-1) for part in told.values()]).numpy(), trace.x)
    module = network.module((8, 8), 10)
    module.load_state_dict(told)
    rows = np.random.default_rng(0).random((5, 64))
    expected = [network.literal(trace.x, row, 10) for row in rows]
    np.testing.assert_allclose(module(torch.from_numpy(rows).float()).detach().numpy(), expected, rtol=1e-4, atol=1e-5)
