"""Networks that people have: round numbers of their kind, to start from."""

from __future__ import annotations

from ef21lab.choices.fields import Json
from ef21lab.choices.text import Text

PRESETS: dict[str, tuple[Text, dict[str, Json]]] = {
    "data_centre": (Text("data centre", "центр обработки данных"), {"name": "ring", "link": 25_000.0, "latency": 0.02}),
    "office": (Text("office network", "сеть в офисе"), {"name": "star", "up": 1000.0, "down": 1000.0, "master": 1000.0, "latency": 0.5}),
    "mobile": (
        Text("mobile phones", "мобильные телефоны"),
        {"name": "star", "up": 10.0, "down": 50.0, "master": 1000.0, "latency": 40.0, "slower": 5.0},
    ),
}
