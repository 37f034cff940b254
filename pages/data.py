"""The data: what a dataset is, how it is split between the nodes, and how far the nodes disagree before the first round."""

from __future__ import annotations

import streamlit as st

from ef21lab.choices.text import Text
from ef21lab.ui.data import panel as data_panel
from ef21lab.ui.data import upload_table
from ef21lab.ui.data.recipe import Understanding
from ef21lab.ui.experiment import problem
from ef21lab.ui.kit import language
from ef21lab.ui.kit.language import say
from ef21lab.ui.kit.link import Link

TITLE = Text("Data", "Данные")
ICON = ":material/dataset:"
ORDER = 3

WHAT_TO_SEE = Text(
    "What the nodes hold, before anything is sent. The more their data differ, the more their gradients disagree, and the more a method "
    "that forgets what it did not send pays for it. Change the partition: the pictures answer.",
    "Что хранят узлы, пока ничего не отправлено. Чем сильнее различаются их данные, тем сильнее расходятся градиенты и тем дороже это "
    "обходится методу, который забывает неотправленное. Смените разбиение: картинки ответят.",
)


def render() -> None:
    link = Link()
    above, recipe = st.container(), Understanding()
    with st.sidebar:
        language.switch()
        posed = problem.controls(link, recipe.controls)
    with above:
        st.markdown(say(WHAT_TO_SEE))
        for complaint in link.complaints:
            st.warning(say(complaint), icon=":material/link_off:")
        upload_table.offer(posed.dataset)
    found = data_panel.surveyed(posed) if recipe.draw(posed.dataset, posed.objective) else None
    if found:
        data_panel.of_dataset(posed.dataset, found.data)
        data_panel.of_partition(posed.partition, found)
        data_panel.of_objective(posed.objective, found.slopes)
    link.write()


if __name__ in ("__main__", "__page__"):
    render()
