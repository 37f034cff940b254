"""What plotly itself says on a figure, in the language of the page: its buttons, its hint and the marks of its numbers."""

from __future__ import annotations

from typing import Any

from ef21lab.choices.numerals import THIN, Language

RUSSIAN = {
    "dictionary": {
        "Autoscale": "Подобрать масштаб",
        "Box Select": "Выделить прямоугольником",
        "Double-click on legend to isolate one trace": "Двойной щелчок по легенде оставит одну кривую",
        "Double-click to zoom back out": "Двойной щелчок вернёт весь график",
        "Download plot as a PNG": "Сохранить график как PNG",
        "Download plot": "Сохранить график",
        "Lasso Select": "Выделить лассо",
        "Pan": "Сдвиг",
        "Reset axes": "Вернуть оси",
        "Reset": "Вернуть",
        "Snapshot succeeded": "График сохранён",
        "Sorry, there was a problem downloading your snapshot!": "Сохранить график не удалось.",
        "Taking snapshot - this may take a few seconds": "Сохраняем график…",
        "Zoom": "Увеличение",
        "Zoom in": "Приблизить",
        "Zoom out": "Отдалить",
        "close:": "закрытие:",
        "high:": "наибольшее:",
        "kde:": "плотность:",
        "lower fence:": "нижний ус:",
        "max:": "наибольшее:",
        "mean:": "среднее:",
        "median:": "медиана:",
        "min:": "наименьшее:",
        "new text": "новый текст",
        "q1:": "первый квартиль:",
        "q3:": "третий квартиль:",
        "trace": "кривая",
        "upper fence:": "верхний ус:",
    },
    "format": {"decimal": ",", "thousands": THIN, "grouping": [3], "currency": ["", " ₽"]},
}


def config(language: Language) -> dict[str, Any]:
    """The configuration of a figure in this language; formulas are never looked for in its words."""
    own: dict[str, Any] = {"locale": "ru", "locales": {"ru": RUSSIAN}} if language == "ru" else {}
    return {"typesetMath": False, **own}
