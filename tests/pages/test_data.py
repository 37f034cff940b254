"""The data page without a browser: every dataset and partition, both languages, what cannot be had, and tables of one's own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from ef21lab.datasets.base import PerNode, datasets
from ef21lab.datasets.table import keep
from ef21lab.datasets.uploaded import store_upload
from ef21lab.partitions.base import partitions

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("lab")]

PAGES = Path(__file__).parents[2] / "pages"
CSV = "рост,вес,вид\n1,2,кот\n3,4,пёс\n5,7,кот\n2,2,ёж\n".encode()
SMALL = {"partition.contiguous.nodes": "2"}


def page(name: str = "data", **query: str) -> AppTest:
    """The page at this address, run once."""
    app = AppTest.from_file(str(PAGES / f"{name}.py"), default_timeout=120)
    app.query_params.update(query)
    app.run()
    assert not app.exception
    return app


def pictures(app: AppTest) -> int:
    return len(app.get("plotly_chart"))


def images(app: AppTest) -> int:
    return sum("<img " in element.proto.body for element in app.get("html"))


def said(app: AppTest) -> str:
    return " ".join(element.value for kind in ("error", "info", "warning") for element in app.get(kind))


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("name", list(datasets.members))
def test_every_dataset_is_shown_or_its_absence_is_said(name: str, language: str) -> None:
    app = page(dataset=name, lang=language)
    dataset = datasets.make(name)
    if absence := dataset.absence():
        assert absence(language) in said(app)
        assert pictures(app) == 0
    elif not (isinstance(dataset, PerNode) and said(app)):  # one that is defined for other numbers of nodes says so
        assert dataset.origin(language) in " ".join(caption.value for caption in app.caption)
        assert pictures(app) >= 3


@pytest.mark.parametrize("dataset", ["mushrooms", "digits", "diabetes"])
@pytest.mark.parametrize("name", list(partitions.members))
def test_every_partition_is_shown_in_both_languages(name: str, dataset: str) -> None:
    for language in ("en", "ru"):
        app = page(dataset=dataset, partition=name, lang=language)
        assert partitions.members[name].label(language) in " ".join(title.value for title in app.subheader)
        assert pictures(app) >= 5 or said(app)


@pytest.mark.parametrize(("language", "words"), [("en", "359 rows held out"), ("ru", "359 строк отложено")])
def test_rows_that_are_pictures_are_seen_node_by_node_and_those_held_out_are_counted(language: str, words: str) -> None:
    app = page(dataset="digits", partition="by_label", lang=language, held_out="0.2")
    captions = " ".join(caption.value for caption in app.caption).replace("\u00a0", " ")
    assert words in captions
    assert images(app) == 2  # of the classes, of the nodes
    assert images(page(dataset="mushrooms", partition="by_label", lang=language)) == 0


def test_an_example_for_three_nodes_is_shown_on_three() -> None:
    assert pictures(page(dataset="divergence", **{"partition.contiguous.nodes": "3"})) == 5


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_partition_that_cannot_be_leaves_the_dataset_in_sight(language: str) -> None:
    app = page(dataset="diabetes", lang=language, **{"partition.contiguous.nodes": "500"})
    assert "442" in said(app)
    assert len(app.metric) == 3
    assert pictures(app) == 1


def test_controls_and_address_are_those_of_the_experiment_page() -> None:
    query = {"dataset": "digits", "partition": "shuffled", "partition.shuffled.nodes": "7", "partition.shuffled.seed": "3"}
    for name in ("experiment", "data"):
        app = page(name, **query)
        address = {key: value[0] if isinstance(value, list) else value for key, value in app.query_params.items()}
        assert {**address, **query} == address
        assert app.session_state["partition.shuffled.nodes"] == 7


@pytest.mark.parametrize(("language", "words"), [("en", "1..500"), ("ru", "от 1 до 500")])
def test_a_link_with_more_nodes_than_this_server_takes_is_refused_in_words(language: str, words: str) -> None:
    app = page(lang=language, **{"partition.contiguous.nodes": "501"})
    assert words in said(app)
    assert app.number_input(key="partition.contiguous.nodes").value == 20


def test_what_a_link_gets_wrong_is_said() -> None:
    assert "“Nodes”" in said(page(**{"partition.contiguous.nodes": "0"}))


def test_a_table_of_ones_own_is_shown_with_its_words_as_they_are_written() -> None:
    kept = store_upload(CSV).dataset.content
    app = page(dataset="uploaded", objective="softmax", lang="ru", **{"dataset.uploaded.content": kept}, **SMALL)
    assert said(app) == ""
    [preview] = [block.value for block in app.markdown if block.value.startswith("| строка")]
    assert preview.count("| кот |") == 2
    assert "| ёж |" in preview


def test_the_columns_of_a_table_are_headed_by_their_own_names() -> None:
    kept = store_upload(b"row,length,kind,<i>w\n1,5.5,cat,7\n2,6.5,dog,8\n").dataset.content
    app = page(dataset="uploaded", **{"dataset.uploaded.content": kept, "dataset.uploaded.omit": "row"}, **SMALL)
    [preview] = [block.value for block in app.markdown if block.value.startswith("| row")]
    assert [cell.strip() for cell in preview.splitlines()[0].strip("|").split("|")] == ["row", "label", "length", r"\<i\>w"]


def test_a_table_without_names_counts_its_columns() -> None:
    kept = store_upload(b"5.5,7,cat\n6.5,8,dog\n").dataset.content
    app = page(dataset="uploaded", **{"dataset.uploaded.content": kept}, **SMALL)
    [preview] = [block.value for block in app.markdown if block.value.startswith("| row")]
    assert [cell.strip() for cell in preview.splitlines()[0].strip("|").split("|")] == ["row", "label", "1", "2"]


def test_a_label_of_markup_is_shown_and_not_obeyed() -> None:
    kept = store_upload(b"1,`![x](http://x)|\n2,<b>y\n").dataset.content
    app = page(dataset="uploaded", **{"dataset.uploaded.content": kept}, **SMALL)
    [preview] = [block.value for block in app.markdown if block.value.startswith("| row")]
    assert r"\`\!\[x\]\(http\:⁠//x\)\|" in preview
    assert "&lt;b&gt;y" in json.loads(app.get("plotly_chart")[0].proto.spec)["layout"]["xaxis"]["ticktext"]


@pytest.mark.parametrize("name", ["experiment", "data"])
@pytest.mark.parametrize(
    ("language", "content", "words"),
    [
        ("en", "", "on the Data page first"),
        ("ru", "", "на странице «Данные»"),
        ("en", "0" * 24, "no longer kept here"),
        ("ru", "0" * 24, "больше не хранится"),
    ],
)
def test_without_a_file_both_pages_say_what_to_do(name: str, language: str, content: str, words: str) -> None:
    assert words in said(page(name, dataset="uploaded", lang=language, **{"dataset.uploaded.content": content}))


SIZES = ["1,5", "2,5", "1,2", "3,5", "3,1", "2,2", "1,1", "2,4", "3,2", "2,0"]
MIXED = "".join(f"{size};{'нет' if size[-1] == '5' else 'да'};{'кот' if size < '2' else 'пёс'}\n" for size in SIZES)


@pytest.mark.parametrize(
    ("language", "words", "guess"),
    [
        ("en", ["10 rows, 2 features; 2 classes", "decimal sign"], "as it looks: semicolon"),
        ("ru", ["10 строк", "десятичная"], "как похоже: точка с запятой"),
    ],
)
def test_how_a_table_is_understood_is_said_and_every_guess_is_a_control(language: str, words: list[str], guess: str) -> None:
    kept = keep(("рост;дом;вид\n" + MIXED).encode("cp1251"), "звери.csv")
    query = {"dataset": "table", "dataset.table.file": kept.file, "dataset.table.content": kept.content}
    app = page(lang=language, **query, **SMALL)
    assert said(app) == ""
    shown = " ".join(block.value for block in app.markdown).replace("\u00a0", " ")
    assert all(one in shown for one in [*words, "Windows-1251", r"| 2\.5 | нет | пёс |"])
    assert guess in app.selectbox(key="dataset.table.separator").options
    menu = app.selectbox(key="dataset.table.target")
    menu.select("рост").run()
    assert app.query_params["dataset.table.target"] in ("рост", ["рост"])
    assert any(button.label in ("Take an objective for these labels", "Взять целевую функцию под эти метки") for button in app.button)


def test_an_uploaded_table_races_on_the_experiment_page() -> None:
    kept = store_upload(b"1,2,yes\n3,4,no\n2,1,yes\n7,5,no\n").dataset.content
    app = page("experiment", dataset="uploaded", race="a", rounds="3", **{"dataset.uploaded.content": kept}, **SMALL)
    assert not app.error
    assert any("γ = " in caption.value for caption in app.caption)
