"""What DIANA and MARINA ask of a compressor: E Q(x) = x and E‖Q(x) − x‖² ≤ ω‖x‖²."""

from __future__ import annotations

from ef21lab.choices.text import Text
from ef21lab.compressors.base import Compressor
from ef21lab.problems.base import Facts


def bias_refusal(method: Text, facts: Facts, compressor: Compressor) -> Text | None:
    """Why the method cannot take this compressor; None where it can."""
    reason = compressor.misfit(facts.d)
    if reason is not None or compressor.omega(facts.d) is not None:
        return reason
    return BIASED.format(method=method, compressor=compressor.label)


def variance(compressor: Compressor, d: int) -> float:
    """ω of a compressor that was not refused."""
    omega = compressor.omega(d)
    if omega is None:
        raise ValueError(f"{compressor} is biased, so it has no omega")
    return omega


BIASED = Text(
    "{method} needs an unbiased compressor, and “{compressor}” as it is set is biased; choose Rand-k, QSGD or Ternary with the unbiased "
    "scaling, natural compression rounded at random, or no compression",
    "методу {method} нужен несмещённый компрессор, а «{compressor}» с этими настройками смещённый; выберите Rand-k, QSGD или TernGrad "
    "с несмещённым масштабированием, степени двойки со случайным округлением или работу без сжатия",
)
