"""An address opened: what its words say of every control, under the defaults of its day, and what it got wrong."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TypeVar

from ef21lab.address import locks, places, versions
from ef21lab.address.complaints import USUAL, Complaint, twice, unnamed
from ef21lab.address.controls import LANGUAGE, PRESET, VIEW
from ef21lab.address.members import codes, settings_of, usual
from ef21lab.address.presets import PRESETS
from ef21lab.address.writing import words_of_preset
from ef21lab.choices.fields import Choice, Field, Json, Nested, shown
from ef21lab.choices.registry import Family
from ef21lab.choices.spec import Spec
from ef21lab.choices.strict import parse
from ef21lab.choices.text import Refusal, Text, quoted, same
from ef21lab.choices.written import read, written

S = TypeVar("S", bound=Spec)

SERVERS = ("embed", "embed_options")  # words of an address that the server reads, and no control


class Reading:
    """The words of an address by control, and which controls it sets several times, to different words: the last ones count.

    `complaints` grow while its controls are read.
    """

    def __init__(self, address: Mapping[str, str], repeated: Collection[str] = ()) -> None:
        self.complaints = {key: twice(key, address[key][: Field.longest_words]) for key in repeated if _means(key)}
        spoken = {key: words for key, words in address.items() if key not in SERVERS}
        mark = spoken.pop(versions.KEY, None)
        self.words, tried = locks.unsealed(spoken)
        self.complaints |= {key: Complaint(TRIED.format(key=key, value=shown(words)), LINKS_OWN) for key, words in tried.items()}
        self.version = versions.VERSION
        if mark is None and self._is_a_preset_alone():
            self.words |= words_of_preset(self.words[PRESET])
        elif mark is not None or set(spoken) - {LANGUAGE}:
            self._date(mark, spoken)
        self._name(locks.LOCK, locks.HIDE)
        self._unfold()
        self.unknown = {key for key in self.words if not places.exists(key)}

    def asked(self, key: str) -> str | None:
        """The words for a control, else what they mean where they leave it out; None: today's default."""
        return self.words.get(key, versions.meant(key, self.version))

    def value(self, key: str, default: Json, field: Field) -> Json:
        """What a control is set to."""
        words = self.asked(key)
        try:
            return default if words is None else understood(key, words, field)
        except Refusal as refusal:
            self.complaints[key] = Complaint(refusal.text, USUAL)
            return default

    def member(self, family: Family[S], key: str, default: S, label: Text | None = None, names: Sequence[str] = ()) -> S:
        """The member that a menu and its form are set to; `names` narrows the menu."""
        field = Choice(label or family.noun, same(""), dict.fromkeys(names or family.menu(self.asked(key)), same("")))
        kind = family.members[self.value(key, default.name, field)]
        base, chosen = settings_of(kind, default), dict[str, Json]()
        for name, declared in kind.fields().items():
            place = f"{key}.{kind.name}.{name}"
            if isinstance(declared, Nested):
                inside: Family = declared.family()  # type: ignore[assignment]
                chosen[name] = self.member(inside, place, inside.make(base[name]), declared.label, declared.names)
            else:
                chosen[name] = self.value(place, usual(declared, base[name], None, {}), declared)
        return kind(**chosen)

    def _is_a_preset_alone(self) -> bool:
        """A ready-made setting by itself stands for all it sets."""
        spoken = {key for key in self.words if places.exists(key) and places.room(key) not in ("notes", "teaching")} - {LANGUAGE}
        return spoken == {PRESET} and self.words[PRESET] in PRESETS

    def _date(self, mark: str | None, spoken: Collection[str]) -> None:
        try:
            self.version = versions.made_under(mark, spoken)
        except ValueError:
            latest = versions.VERSION
            self.complaints[versions.KEY] = Complaint(NO_SUCH_VERSION.format(latest=latest), READ_AS_TODAYS)

    def _name(self, *keys: str) -> None:
        """Lists of controls keep those that there are."""
        for key in keys:
            if key not in self.words:
                continue
            asked = self.value(key, (), VIEW[key].field)
            names = [name for name in asked if places.exists(name) or (key == locks.HIDE and name in locks.PARTS)]
            if len(names) < len(asked):
                self.complaints[key] = unnamed(key, [name for name in asked if name not in names])
            self.words[key] = written(names)
            if not names:
                del self.words[key]

    def _unfold(self) -> None:
        """A member written as one JSON object becomes a word for each of its controls; one that is none is refused as its menu is read."""
        for key, words in list(self.words.items()):
            family = places.family_at(key) if words.startswith("{") else None
            try:
                if family is not None:
                    self.words |= codes(key, family.make(parse(words, quoted(key))))
            except Refusal as refusal:
                self.complaints[key] = Complaint(refusal.text, USUAL)
                del self.words[key]


def several(pairs: Iterable[tuple[str, str]]) -> set[str]:
    """The controls that an address sets to different words."""
    found: dict[str, str] = {}
    return {key for key, words in pairs if found.setdefault(key, words) != words}


def understood(key: str, words: str, field: Field) -> Json:
    """What the words set a control to. Raises Refusal in the words of its field."""
    try:
        return field.check(read(words[: field.longest_words], field), "link", key)
    except Refusal:
        name = field.label if field.label.en else quoted(key)
        raise Refusal(MISREAD.format(name=name, value=shown(words[: field.longest_words]), allowed=field.allowed)) from None


def _means(key: str) -> bool:
    return key == versions.KEY or places.exists(key.removeprefix(locks.UNDER))


MISREAD = Text(
    "The link sets “{name}” to {value}; it must be {allowed}.",
    "В ссылке для «{name}» указано {value}, а нужно {allowed}.",
)
NO_SUCH_VERSION = Text(
    "The link was made under defaults that this lab does not know: v is a whole number from 1 to {latest}.",
    "Ссылка сделана при значениях по умолчанию, неизвестных этой лаборатории: v — целое число от 1 до {latest}.",
)
READ_AS_TODAYS = Text("Read as a link of today.", "Прочитана как сегодняшняя.")
TRIED = Text("The link locks “{key}”, and yet it asks for {value}.", "Ссылка закрепляет «{key}», но в ней же указано: {value}.")
LINKS_OWN = Text("It stays as the link has it.", "Остаётся как в ссылке.")
