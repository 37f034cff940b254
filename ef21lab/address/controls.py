"""What the controls of the pages are: how each is called, what it may be, and what an address means that leaves it out."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from ef21lab.address import locks, notes
from ef21lab.address.presets import PRESETS
from ef21lab.choices.fields import Choice, Dims, Field, Integer, Json, Real
from ef21lab.choices.text import Text, same
from ef21lab.metrics.base import metrics
from ef21lab.problems.base import Objective
from ef21lab.runs.record import added, sometimes
from ef21lab.runs.spec import LATER, NUMBERS
from ef21lab.steps.base import Step, steps

RACE, PRESET, LANGUAGE = "race", "setting", "lang"  # which letters race; the ready-made setting that is open; words of which language
RULE = "rule"  # the shortest step of a sweep
LETTERS = "abcdef"  # of contenders
FIRST = "abc"  # they race where nobody says which
START: dict[str, dict[str, Json]] = {  # what a contender is before anybody has touched it
    "a": {"compressor": {"name": "top_k", "k": 4}, "step": "tuned"},
    "b": {"compressor": {"name": "st_hosvd", "ranks": 2}, "step": "tuned"},
    "c": {"compressor": {"name": "identity"}, "step": "tuned"},
    "d": {"compressor": {"name": "hosvd", "ranks": 2}, "step": "tuned"},
    "e": {"compressor": {"name": "top_k", "k": 38}, "step": "tuned"},
    "f": {"compressor": {"name": "st_hosvd", "ranks": 1}, "step": "tuned"},
}


def start_of(letter: str, objective: Objective) -> dict[str, Json]:
    """The same on a problem with this objective: where no L is known, a step begins from a γ."""
    usual = objective.usual.get("step")
    return START[letter] if usual is None else {**START[letter], "step": usual}


def tuned_for(objective: Objective) -> Json:
    """A tuned step for this objective: a grid over the step of theory, or around a γ where there is no such step."""
    usual = objective.usual.get("step")
    return "tuned" if usual is None else {"rule": "tuned", "of": {**usual, "multiple": 1 / 8}, "octaves": 6}


def grid_step(objective: Objective) -> Step:
    """The shortest step of a grid for this objective: that of theory, or where there is none a short γ."""
    return steps.make("theory" if "step" not in objective.usual else {"rule": "fixed", "gamma": 0.01})


LABELS = {  # of the menus of members
    "dataset": Text("Dataset", "Данные"),
    "partition": Text("Partition", "Разбиение"),
    "objective": Text("Objective", "Целевая функция"),
    "start": Text("Starting point x⁰", "Начальная точка x⁰"),
    "algorithm": Text("Method", "Метод"),
    "step": Text("Step", "Шаг"),
    "vector": Text("Vector", "Вектор"),
    "operator": Text("Operator", "Оператор"),
    "network": Text("Network", "Сеть"),
    "figure": Text("Figure", "Рисунок"),
}
ROUNDS = replace(NUMBERS["rounds"], low=1)  # a curve has two ends; how many are too many is a server's to say
PLAIN: dict[str, Field] = {  # of a problem
    **{name: NUMBERS[name] for name in ("record_every", "seed")},
    **{name: LATER[name] for name in ("held_out", "held_out_seed", "stop_at")},
}

METRICS = {  # those that are drawn, or what is made of them; a metric that is added stands behind
    "grad_norm_sq": metrics.members["grad_norm_sq"].label,
    "mean": Text("running mean of ‖∇f‖²", "среднее ‖∇f‖² по раундам"),
    "gap": Text("f − f* (or a lower bound)", "f − f* (или оценка снизу)"),
    "psi": Text("Lyapunov function Ψ", "функция Ляпунова Ψ"),
    "tight": Text("V, of the exact rate", "V точной скорости"),
    "distortion": metrics.members["distortion"].label,
    "contraction": Text("squared error of messages", "квадрат ошибки сообщений"),
    **{name: metrics.members[name].label for name in (*added(), *sometimes())},
}
AXES = {
    "floats_up": Text("floats per node", "чисел на узел"),
    "bits_up": Text("bits per node", "бит на узел"),
    "bits_down": Text("bits received per node", "принято бит на узел"),
    "round": Text("rounds", "раунды"),
    "network": Text("seconds on a network", "секунды в сети"),
    "seconds": Text("seconds of computing here", "секунды счёта здесь"),
}
NODE_COUNTS = ("1", "2", "5", "10", "20", "50", "100", "200")  # that a sweep offers beside those of the problem
SPLITS: dict[str, Json] = {  # that a sweep offers beside that of the problem, from alike to as unlike as can be
    "shuffled": {"name": "shuffled"},
    "dirichlet-10": {"name": "dirichlet", "concentration": 10.0},
    "dirichlet-1": {"name": "dirichlet", "concentration": 1.0},
    "dirichlet-0.1": {"name": "dirichlet", "concentration": 0.1},
    "by_label": {"name": "by_label"},
}
EPSILONS = tuple(float(f"{digit}e{power}") for power in range(-6, 2) for digit in (1, 2, 5))
NO_PRESET = "none"
PRESENTED, PAGE, SLIDE = "view", "page", "present"  # whether chart, verdict and caption stand alone, in large type
REPEATS = (1, 3, 5, 10)  # of every run of the page


class Control(NamedTuple):
    """What a control may be, and what it is where nobody has set it; None where that depends on the page."""

    field: Field
    default: Json = None


def _any(names: object) -> dict[str, Text]:
    """Options that nobody is shown by these names."""
    return dict.fromkeys(names, same(""))  # type: ignore[call-overload]


_WHOLE, _UP_TO_ONE = (Integer(same(""), same(""), -1, most) for most in (1_000_000, 1))
PICKED = {
    "contender": 0,
    "node": 0,
    "round": -1,
    "layer": 0,
    "slice": 0,
    "logX": -1,
    "whole": 0,
    "oneScale": 0,
    "goal": 0.0,
}  # −1: the latest, the axis's own
VIEW: dict[str, Control] = {
    "metric": Control(Choice(Text("Draw", "Показать"), same(""), METRICS), "grad_norm_sq"),
    "axis": Control(Choice(Text("against", "в зависимости от"), same(""), AXES), "bits_up"),
    "theory": Control(Choice(Text("Theory", "Теория"), same(""), _any(("on", "off"))), "off"),
    **{name: Control(_UP_TO_ONE if name in ("logX", "whole", "oneScale") else _WHOLE, default) for name, default in PICKED.items()},
    "repeats": Control(
        Choice(
            Text("Repeats", "Повторы"),
            Text(
                "Every contender runs this many times, each time from another x⁰ and with other randomness: in compressor, method and a "
                "random split. The chart draws the median and the band from the lower to the upper quartile. The step is tuned on the "
                "median over the repeats of what they send until ε.",
                "Каждый участник запускается столько раз, всякий раз из другой точки x⁰ и с другими случайными числами: в компрессоре, "
                "методе и случайном разбиении. На графике — медиана и полоса от нижней до верхней квартили. Шаг подбирается по медиане "
                "того, сколько повторы посылают до ε.",
            ),
            {str(n): same("{n}").format(n=n) for n in REPEATS},
        ),
        "1",
    ),
    "goal": Control(Real(Text("ε on the chart", "ε на графике"), same(""), 0.0, 1e300), 0.0),  # 0: as usual, of where the runs start
    "setting": Control(Choice(Text("Ready-made settings", "Готовые опыты"), same(""), _any((NO_PRESET, *PRESETS))), NO_PRESET),
    "epsilon": Control(Real(Text("Accuracy ε", "Точность ε"), same(""), EPSILONS[0], EPSILONS[-1]), 0.1),
    "with": Control(Choice(Text("With the compressor of", "С компрессором участника"), same(""), _any(LETTERS))),
    "fold": Control(
        Dims(Text("Fold of the pictures", "Форма на картинках"), Text("How the vector is folded.", "Во что свёрнут вектор.")), "auto"
    ),
    "other": Control(
        Dims(Text("Compare with the fold", "Сравнить с формой"), Text("A second fold for the spectra.", "Вторая форма для спектров.")),
        "auto",
    ),
    PRESENTED: Control(
        Choice(Text("View", "Вид"), same(""), {PAGE: Text("the whole page", "вся страница"), SLIDE: Text("for the screen", "для экрана")}),
        PAGE,
    ),
    locks.HIDE: Control(locks.Names(Text("Hidden", "Скрыто"), same("")), ()),
    locks.LOCK: Control(locks.Names(Text("Locked", "Закреплено"), same("")), ()),
    **{key: Control(notes.Noted(Text("Note on a curve", "Заметка у кривой"), same(""), LETTERS, tuple(AXES)), "") for key in notes.KEYS},
    "bits": Control(Integer(Text("Budget, bits of one message", "Бюджет, бит на сообщение"), same(""), 8, 64_000_000)),
    "rung": Control(_WHOLE, -1),
}
OF_EXPERIMENT = "from_experiment"  # the vector where an address tells of an experiment and names none
MEMBERS_SEEN = {"vector": "difference", "operator": "st_hosvd"}  # of the microscope
