"""One vector through one operator: every number against its definition."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ef21lab.choices.text import Refusal
from ef21lab.compressors.base import compressors
from ef21lab.microscope import look, spectra
from ef21lab.microscope.trials import relative_error
from ef21lab.streams import Stream, generator
from ef21lab.vectors.base import sample_of, vectors

every_operator = pytest.mark.parametrize("name", compressors.members)
SAMPLE = vectors.make({"name": "low_rank", "dims": [5, 6, 4], "noise": 0.3}).sample()


@every_operator
def test_what_is_seen_is_what_the_message_carries(name):
    seen = look(compressors.make(name), SAMPLE, seed=3)
    operator, d = seen.compressor, len(SAMPLE.values)
    message = operator.encode(SAMPLE.values, operator.draw(generator(Stream.MICROSCOPE, 3), (d,)))
    assert np.array_equal(operator.decode(message, d), seen.trial.received)
    assert seen.trial.bits == message.bits == sum(bits for _, bits in seen.parts)
    assert seen.head == message.payload[:64]
    assert seen.trial.error == pytest.approx(np.linalg.norm(seen.trial.received - SAMPLE.values) / np.linalg.norm(SAMPLE.values))


@every_operator
def test_every_part_of_a_message_has_a_name_and_some_bits(name):
    parts = look(compressors.make(name), SAMPLE).parts
    assert all(text.en and text.ru and bits > 0 for text, bits in parts)
    assert len({text for text, _ in parts}) == len(parts)


@every_operator
def test_a_certificate_or_the_reason_why_there_is_none(name):
    alpha, reason, omega = look(compressors.make(name), SAMPLE).certificates
    assert alpha is None or 0 < alpha <= 1
    assert omega is None or omega >= 0
    assert reason.en
    assert reason.ru


def test_the_fold_is_the_vectors_own_where_natural_is_asked_for():
    seen = look(compressors.make({"name": "st_hosvd", "dims": "natural"}), SAMPLE)
    assert seen.compressor.dims == (5, 6, 4)


def test_a_setting_that_does_not_fit_the_vector_is_refused():
    with pytest.raises(Refusal, match=r"k must be an integer in 1\.\.120"):
        look(compressors.make({"name": "top_k", "k": 121}), SAMPLE)


@every_operator
def test_zero_is_seen_as_zero_without_error(name):
    assert look(compressors.make(name), sample_of(np.zeros(12), ((12,),))).trial.error == 0


@given(arrays(np.float64, 5, elements=st.floats(-4, 4)), arrays(np.float64, 5, elements=st.floats(-4, 4)), st.sampled_from([-1020, 0, 990]))
def test_the_error_is_the_ratio_of_norms_at_any_scale(x, received, exponent):
    x[0] = 2.0  # away from zero
    expected = math.dist(x, received) / math.hypot(*x)
    received = np.round(received, 3)
    expected = math.dist(x, received) / math.hypot(*x)
    scaled = relative_error(np.ldexp(x, exponent), np.ldexp(received, exponent))
    assert scaled == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("dims", [(5, 6, 4), (4, 30), (2, 3, 4, 5), (11, 11), (7, 3, 6)])
def test_spectra_are_the_singular_values_of_unfoldings_made_by_hand(dims):
    tensor = np.zeros(math.prod(dims))
    tensor[:120] = SAMPLE.values
    tensor = tensor.reshape(dims)
    for mode, found in enumerate(spectra(SAMPLE.values, dims)):
        rows = [np.take(tensor, i, axis=mode).reshape(-1) for i in range(dims[mode])]
        assert found == pytest.approx(np.linalg.svd(np.array(rows), compute_uv=False), abs=1e-12)
        assert np.all(np.diff(found) <= 0)
        assert np.sum(found**2) == pytest.approx(np.sum(SAMPLE.values**2))


@pytest.mark.parametrize("scale", [0.0, 5e-324, 1e-300, 2.0**1000])
def test_spectra_scale_with_the_vector_and_never_overflow(scale):
    x = np.array([1.0, 0, 0, 1]) * scale
    assert spectra(x, (2, 2))[0].tolist() == [scale, scale]
