"""RunSpec: the one way in. Names become objects, JSON goes both ways, equal specs have equal keys."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ef21lab.algorithms.base import Algorithm, algorithms
from ef21lab.choices.fields import Choice, Field, Integer, Json, Real, shown
from ef21lab.choices.registry import Family
from ef21lab.choices.text import Refusal, Text
from ef21lab.compressors.base import Compressor, compressors
from ef21lab.datasets.base import Dataset, at_hand, datasets
from ef21lab.partitions import held_out
from ef21lab.partitions.base import Partition, partitions
from ef21lab.problems.base import Objective, objectives
from ef21lab.starts.base import Start, starts
from ef21lab.steps.base import Step, steps

KEY_SALT = "ef21lab 4"  # raised when any spec would give other numbers; where only those with some member would, its `revision` is
MOST_ROUNDS = 1_000_000

FAMILIES: dict[str, Family[Any]] = {
    "dataset": datasets,
    "partition": partitions,
    "objective": objectives,
    "algorithm": algorithms,
    "compressor": compressors,
    "step": steps,
    "start": starts,
}


DEFAULTS: dict[str, str] = {
    "dataset": "mushrooms",
    "partition": "contiguous",
    "objective": "logistic_nonconvex",
    "algorithm": "ef21",
    "compressor": "top_k",
    "step": "theory",
    "start": "normal",
}

NUMBERS: dict[str, Integer] = {
    "rounds": Integer(Text("Rounds", "Раунды"), Text("Rounds of communication.", "Сколько раундов обмена."), 0, MOST_ROUNDS),
    "record_every": Integer(
        Text("Record every", "Запись раз в"), Text("Rounds between records.", "Раундов между записями."), 1, MOST_ROUNDS
    ),
    "seed": Integer(
        Text("Seed", "Зерно"), Text("Of the compressor's and the method's randomness.", "Случайности сжатия и метода."), 0, 2**31 - 1
    ),
}

FLOAT64, FLOAT32 = "float64", "float32"
PRECISION = Choice(
    Text("Precision", "Точность"),
    Text(
        "What the state of a run is kept in: x, what the master and the nodes remember, and the gradients.",
        "В каких числах хранится состояние запуска: x, всё, что помнят сервер и узлы, и градиенты.",
    ),
    {
        FLOAT64: Text("float64", "float64"),
        FLOAT32: Text("float32: half the bytes, and no line is certain", "float32: вдвое меньше байтов, но ни одна линия не гарантирована"),
    },
)
STOP_AT = Real(
    Text("Stop at ‖∇f‖²", "Остановка по ‖∇f‖²"),
    Text(
        "A run ends with its first record at or below this. At 0 it goes on to its last round.",
        "Запуск кончается на первой записи, где ‖∇f‖² не больше этого числа. При 0 он идёт до последнего раунда.",
    ),
    0.0,
    1e300,
    logarithmic=True,
)
# They came after the first keys: JSON leaves them out where they are as before, so that no run has another key than it had.
LATER: dict[str, Field] = {"precision": PRECISION, "held_out": held_out.SHARE, "held_out_seed": held_out.SEED, "stop_at": STOP_AT}

PLUGINS = "plugins"  # in JSON: the versions of those that a run needs


def usual(noun: str, objective: Objective | type[Objective] | None) -> Json:
    """The member of a family that is meant where a run with this objective names none."""
    return DEFAULTS[noun] if objective is None else objective.usual.get(noun, DEFAULTS[noun])


@dataclass(frozen=True)
class RunSpec:
    """One run, completely: equal specs have equal keys, and a key names one trace for ever.

    With a tuned step it stands for several, its candidates, and is never computed or stored itself.
    """

    dataset: Dataset
    partition: Partition
    objective: Objective
    algorithm: Algorithm
    compressor: Compressor
    step: Step
    start: Start
    rounds: int = 400
    record_every: int = 1
    seed: int = 0
    precision: str = FLOAT64  # of the state
    held_out: float = 0.0  # the share of the rows that no node gets
    held_out_seed: int = 0
    stop_at: float = 0.0  # ‖∇f‖² at which it is over; 0 where only its rounds are counted

    @staticmethod
    def make(given: Json) -> RunSpec:
        """A checked RunSpec from a mapping (or one already made). What is left out takes its default. Raises Refusal in words."""
        if isinstance(given, RunSpec):
            return given
        if not isinstance(given, Mapping):
            raise Refusal(
                Text("a run is a JSON object, got {given}", "запуск — это объект JSON, а получено {given}").format(given=shown(given))
            )
        known = (*FAMILIES, *NUMBERS, *LATER, PLUGINS)
        for field in given:
            if field not in known:
                raise Refusal(
                    Text("a run has no field {field}; its fields: {known}", "у запуска нет поля {field}; есть поля: {known}").format(
                        field=shown(field), known=", ".join(known[:-1])
                    )
                )
        members = dict[str, Any]()
        for noun, family in FAMILIES.items():  # the objective before the step and the start, which may depend on it
            members[noun] = family.make(given.get(noun, usual(noun, members.get("objective"))))
        plain = {name: field.check(given[name], "run", name) for name, field in {**NUMBERS, **LATER}.items() if name in given}
        made = RunSpec(**members, **plain)
        made._check_versions(given.get(PLUGINS, {}))
        return made

    def _check_versions(self, meant: Json) -> None:
        """Raises Refusal where a plugin was written down in another version than is here: the same run might give other numbers."""
        if not isinstance(meant, Mapping):
            raise Refusal(NO_VERSIONS.format(given=shown(meant)))
        for name, version in self.plugins().items():
            if meant.get(name, version) != version:
                raise Refusal(OTHER_VERSION.format(name=name, meant=shown(meant[name]), here=version))

    def plugins(self, parts: Collection[str] = tuple(FAMILIES)) -> dict[str, Json]:
        """The versions of the plugins that these parts of it come from, by name; nothing where all of it is the lab's own."""
        return dict(sorted({plugin for noun in FAMILIES if noun in parts for plugin in getattr(self, noun).plugins()}))

    @staticmethod
    def here(given: Json) -> RunSpec:
        """`make` of what a program says: a table that it names may lie in the folder in which the program works."""
        return RunSpec.make(at_hand(given, Path.cwd()))

    def json(self) -> dict[str, Json]:
        """The inverse of `make`, every default written out but those of LATER; with the versions of plugins where it needs any.

        Raises Refusal where a part of it has no name that JSON could hold.
        """
        if self.unnamed is not None:
            raise Refusal(self.unnamed)
        members = {noun: family.json(getattr(self, noun)) for noun, family in FAMILIES.items()}
        later = {name: getattr(self, name) for name in LATER if getattr(self, name) != getattr(RunSpec, name)}
        versions = {PLUGINS: plugins} if (plugins := self.plugins()) else {}
        return {**members, **{name: getattr(self, name) for name in NUMBERS}, **later, **versions}

    def parts(self) -> dict[str, Any]:
        """Its parts by the names that `make` takes, members as they are."""
        return {name: getattr(self, name) for name in (*FAMILIES, *NUMBERS, *LATER)}

    @property
    def unnamed(self) -> Text | None:
        """Why it has no JSON and no key: a part of it is a function or an array of a program; None of any other."""
        return next((part.unnamed for noun in FAMILIES if (part := getattr(self, noun)).unnamed is not None), None)

    @property
    def kept_here(self) -> tuple[Text, ...]:
        """What of it only this machine has: where a link is opened elsewhere, that is missing."""
        return tuple(kept for noun in FAMILIES if (kept := getattr(self, noun).kept_here()) is not None)

    @property
    def posed(self) -> tuple[Any, ...]:
        """What its problem depends on: runs with the same of it have one problem."""
        return (self.dataset, self.partition, self.objective, self.held_out, self.held_out_seed)

    def link(self, base: str | None = None) -> str:
        """The link under which the lab at `base` opens this run, by default that on this machine. Raises Refusal where no page shows it."""
        import ef21lab  # links know runs, not the other way about: they are asked for where all is known

        return ef21lab.link(self) if base is None else ef21lab.link(self, base)

    def rules(self, parts: Collection[str] = tuple(FAMILIES)) -> list[Json]:
        """What besides itself its numbers depend on: the salt, and revisions of these parts of it where some are not the first."""
        revisions = dict(each for noun in FAMILIES if noun in parts for each in getattr(self, noun).revisions())
        return [KEY_SALT, *([revisions] if revisions else [])]

    @cached_property
    def key(self) -> str:
        """24 hexadecimal digits of SHA-256 of its rules and the canonical JSON, in which plugins stand with their versions."""
        canonical = json.dumps([*self.rules(), self.json()], sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:24]


NO_VERSIONS = Text(
    "plugins: an object with their versions by name is expected, got {given}",
    "plugins: нужен объект с версиями по именам, а получено {given}",
)
OTHER_VERSION = Text(
    "the run was made with {name} {meant}, and here is {here}, which may give other numbers: without “plugins” it is taken as it is here",
    "запуск сделан с {name} {meant}, а здесь {here}, и числа могут быть другими: без «plugins» он берётся таким, как здесь",
)
