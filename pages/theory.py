"""The theory: what a compressor's α promises before anything runs, and what then happened."""

from __future__ import annotations

import streamlit as st

from ef21lab.address.controls import VIEW
from ef21lab.choices.text import Text
from ef21lab.problems.base import Facts
from ef21lab.runs.names import titles
from ef21lab.ui.experiment import contenders, entries, problem
from ef21lab.ui.kit import language, visitor
from ef21lab.ui.kit.glossary import defined
from ef21lab.ui.kit.language import say
from ef21lab.ui.kit.link import Link
from ef21lab.ui.theory import panel as theory_panel
from ef21lab.ui.theory import rounds as theory_rounds

TITLE = Text("Theory", "Теория")
ICON = ":material/function:"
ORDER = 5

WHAT_TO_SEE = Text(
    "What is guaranteed before anything runs. One number of a compressor, α, settles the step of EF21, and the step settles how many "
    "rounds are **guaranteed** to be enough. What happens is usually far better: the table under ε sets the two side by side.",
    "Что гарантировано ещё до запуска. Одно число, α компрессора, определяет шаг EF21, а шаг — сколько раундов "
    "**гарантированно** хватит. На деле обычно выходит гораздо лучше: таблица под ε ставит одно рядом с другим.",
)
CURVES = Text("From α to the step", "От α к шагу")
READ_CURVES = Text(
    "The stronger the compression, the further left the marker. For small α the step is about $\\alpha/(2\\tilde L)$: "
    "ten times less α costs ten times the rounds. The second figure has the step in units of 1/L: a full marker is the theorem's, "
    "a ring the run's own where it is another.",
    "Чем сильнее сжатие, тем левее точка. При малых α шаг примерно равен $\\alpha/(2\\tilde L)$: вдесятеро меньшее α "
    "стоит вдесятеро большего числа раундов. На втором графике шаг в единицах 1/L: закрашенная точка — шаг из теоремы, "
    "контур — шаг самого запуска, если он другой.",
)
FORMULAS = (
    r"\mathbb{E}\,\|C(x) - x\|^2 \le (1 - \alpha)\,\|x\|^2",
    r"\theta = 1 - \sqrt{1 - \alpha}, \qquad \beta = \frac{1 - \alpha}{\theta}",
    r"\gamma = \frac{1}{L + \tilde L \sqrt{\beta / \theta}}",
)
ROUNDS = Text("How long until ε", "Сколько до точности ε")
READ_ROUNDS = Text(
    "Rounds T until the mean of ‖∇f‖² is at most ε. First what is **guaranteed** to be enough at the theorem's step: the right-hand side "
    "is at most ε. Then what happened: the left-hand side of the run is. The first is promised to every problem with these constants, "
    "so it is far above the second. $f_{{\\inf}}$ is taken to be {lowest}: f is nowhere lower. "
    "Where V falls geometrically and so asks for fewer rounds, at the step of the exact rate, that number stands; the last column says so.",
    "Число раундов T, за которое среднее ‖∇f‖² станет не больше ε. Сначала — сколько **гарантированно** хватит при шаге из теоремы: "
    "правая часть не больше ε. Затем — как вышло в самом запуске: не больше ε левая часть. Первое обещано любой задаче "
    "с такими константами, поэтому оно намного больше второго. За $f_{{\\inf}}$ взято {lowest}: ниже f не опускается. Где V убывает "
    "геометрически и при шаге точной скорости раундов хватит меньше, стоит это число; так и сказано в последнем столбце.",
)
GUARANTEE = r"\frac{1}{T} \sum_{t<T} \|\nabla f(x^t)\|^2 \le \frac{2(f(x^0) - f_{\inf})}{\gamma T} + \frac{G^0}{\theta T}"
METHODS = Text("What each method allows", "Что позволяет каждый метод")
READ_METHODS = Text(
    "The largest step that a method's own theorem allows with this compressor, then what other theorems allow where they apply. "
    "γL = 1 would be gradient descent.",
    "Наибольший шаг, который допускает с этим компрессором теорема самого метода, затем — другие теоремы, где они применимы. "
    "γL = 1 было бы у градиентного спуска.",
)


CERTIFICATES = Text("What is certified", "Что гарантировано")
READ_CERTIFICATES = Text(
    "Every compressor on the vectors of this problem, those that race in bold with their settings. EF21 needs α; "
    "DIANA and MARINA need an unbiased operator, which has ω. Bits and floats are those of one message.",
    "Все компрессоры на векторах этой задачи; участники выделены и взяты со своими настройками. EF21 нужна α, "
    "а DIANA и MARINA — несмещённый оператор, у него есть ω. Биты и числа — в одном сообщении.",
)


def render() -> None:
    link = Link()
    with st.sidebar:
        language.switch()
        posed = problem.controls(link)
        facts = problem.facts(posed)
        racing = contenders.race(posed, facts, link) if facts else []
        contenders.name_panels(racing, [contender for contender in racing if contender.can_race])
    st.markdown(say(WHAT_TO_SEE))
    if notice := visitor.lab().notice:
        st.warning(say(notice), icon=":material/database:")
    above = st.container()
    if facts:
        _show(racing, facts, link)
    for complaint in link.complaints:
        above.warning(say(complaint), icon=":material/link_off:")
    link.write(whole=facts is not None)


def _show(racing: list[contenders.Contender], facts: Facts, link: Link) -> None:
    st.subheader(say(CURVES))
    for place, formula in zip(st.columns([4, 5, 3], vertical_alignment="center"), FORMULAS, strict=True):
        place.latex(formula)
    st.markdown(say(READ_CURVES))
    theory_panel.curves(racing, facts)
    st.subheader(say(ROUNDS))
    _rounds([contender for contender in racing if contender.can_race], facts, link)
    st.subheader(say(METHODS))
    st.markdown(say(READ_METHODS))
    theory_panel.methods(_one_of(racing, link), facts)
    st.subheader(say(CERTIFICATES))
    st.markdown(say(READ_CERTIFICATES))
    theory_panel.certificates(racing, facts)


def _rounds(able: list[contenders.Contender], facts: Facts, link: Link) -> None:
    """Theory beside the very runs of the experiment page."""
    st.latex(GUARANTEE, help=say(defined("γ", "G", "G⁰")))
    st.markdown(say(READ_ROUNDS.format(lowest=facts.lowest)))
    epsilon = theory_rounds.controls(link)
    racing = [entry.best for entry in entries.entered(able, link)]
    theory_rounds.table(racing, [contender.spec.key for contender in racing], facts, epsilon)


def _one_of(racing: list[contenders.Contender], link: Link) -> contenders.Contender:
    """The contender whose compressor the methods are tried with."""
    by_letter = {contender.letter: contender for contender in racing}
    labels = dict(zip(by_letter, map(language.plain, titles([contender.spec for contender in racing])), strict=True))
    field = VIEW["with"].field
    asked = link.current("with", racing[0].letter, field)
    at = link.among("with", asked if asked in by_letter else racing[0].letter, labels)
    letter = st.selectbox(say(field.label), list(labels), **at, format_func=labels.__getitem__)
    link.hold("with", letter, racing[0].letter)
    return by_letter[letter]


if __name__ in ("__main__", "__page__"):
    render()
