// Every word the live view can show, in both languages.

import { MESSAGE_WORDS } from "./messagewords.js";
import { filled } from "./sentences.js";

/** @import { Both, Language, Slot } from "./types.js" */

/** @type {Record<string, Both>} */
export const WORDS = {
  ...MESSAGE_WORDS,

  grad_norm_sq: { en: "‖∇f(x)‖²", ru: "‖∇f(x)‖²" },
  gap: { en: "f(x) above f* or its lower bound", ru: "f(x) над f* или его нижней оценкой" },
  gapFound: { en: "f(x) − f*", ru: "f(x) − f*" },
  gapBound: { en: "f(x) − lower bound of f", ru: "f(x) − нижняя оценка f" },
  distortion: { en: "distortion G = mean ‖gᵢ − ∇fᵢ‖²", ru: "искажение G = среднее ‖gᵢ − ∇fᵢ‖²" },
  mean: { en: "mean of ‖∇f‖² so far", ru: "среднее ‖∇f‖² по раундам" },
  psi: { en: "Ψ = f − f* + (γ/θ) G", ru: "Ψ = f − f* + (γ/θ) G" },
  tight: { en: "V = (s/n) ‖Σ∇fᵢ‖² + Σ ‖∇fᵢ − gᵢ‖², s = √(1 − α)", ru: "V = (s/n) ‖Σ∇fᵢ‖² + Σ ‖∇fᵢ − gᵢ‖², s = √(1 − α)" },
  contraction: { en: "‖C(v) − v‖² / ‖v‖² over the nodes", ru: "‖C(v) − v‖² / ‖v‖² по узлам" },
  accuracy: { en: "accuracy on held-out rows", ru: "точность на отложенных строках" },
  floats_up: { en: "floats sent per node", ru: "отправлено чисел на узел" },
  bits_up: { en: "bits sent per node", ru: "отправлено бит на узел" },
  bits_down: { en: "bits received per node", ru: "принято бит на узел" },
  round: { en: "communication rounds", ru: "раунды обмена" },
  network: { en: "seconds on the network", ru: "время в сети, секунды" },
  seconds: { en: "compute time, seconds", ru: "время счёта, секунды" },
  logScale: { en: "log scale", ru: "лог. шкала" },

  queued: { en: "queued", ru: "в очереди" },
  running: { en: "round {round} of {rounds}", ru: "раунд {round} из {rounds}" },
  paused: { en: "paused at {round} of {rounds}", ru: "пауза: раунд {round} из {rounds}" },
  done: { en: "done, {rounds:round|rounds}", ru: "готово, {rounds:раунд|раунда|раундов}" },
  coordinate: { en: "coordinate {place}: {value}", ru: "координата {place}: {value}" },
  reachedEnd: { en: "done, at its ‖∇f‖² in round {round}", ru: "готово, нужное ‖∇f‖² на раунде {round}" },
  diverged: { en: "diverged at round {round}: ‖∇f‖² is {times:time|times} its start", ru: "разошёлся на раунде {round}: ‖∇f‖² в {times:раз|раза|раз} больше начального" },
  divergedAt: { en: "diverged at round {round}", ru: "разошёлся на раунде {round}" },
  overflowed: { en: "diverged at round {round}: given up, the numbers overflowed", ru: "разошёлся на раунде {round}: счёт прекращён, числа переполнились" },
  before: { en: "before: {label}", ru: "было: {label}" },
  overflow: { en: "overflow", ru: "переполнение" },
  failed: { en: "failed: {reason}", ru: "ошибка: {reason}" },
  cancelled: { en: "stopped at {round} of {rounds}", ru: "остановлен: раунд {round} из {rounds}" },
  unknown: { en: "no such run", ru: "нет такого запуска" },
  pausedHere: { en: "round {round} of {rounds}: paused here, but another tab has it go on", ru: "раунд {round} из {rounds}: здесь пауза, но запуск идёт для другой вкладки" },
  stoppedHere: { en: "round {round} of {rounds}: stopped here, but another tab has it go on", ru: "раунд {round} из {rounds}: здесь остановлен, но идёт для другой вкладки" },
  waiting: { en: "connecting…", ru: "подключение…" },
  pausing: { en: "pausing…", ru: "ставим на паузу…" },
  resuming: { en: "resuming…", ru: "продолжаем…" },
  stepping: { en: "one round…", ru: "один раунд…" },
  stopping: { en: "stopping…", ru: "останавливаем…" },

  goal: { en: "ε = {epsilon}", ru: "ε = {epsilon}" },
  goalLeast: {
    en: "the runs end once ‖∇f‖² is at most {least}: of a smaller ε they tell nothing",
    ru: "запуски заканчиваются, как только ‖∇f‖² не больше {least}: о меньших ε они ничего не говорят",
  },
  goalHint: { en: "ε to be reached: drag, or use the arrow keys", ru: "ε, которого нужно достичь: тащите мышью или двигайте стрелками" },
  standsFirst: { en: "{rank} · {spent} to ε", ru: "{rank} · до ε {spent}" },
  stands: { en: "{rank} · {spent} to ε, {ratio:time|times} the first", ru: "{rank} · до ε {spent}, в {ratio:раз|раза|раз} больше первого" },
  standsOut: { en: "{rank} · does not come to ε", ru: "{rank} · до ε не доходит" },
  reachedBy: { en: "{reached} of {n:start|starts} come to it", ru: "доходят {reached} из {n:старта|стартов|стартов}" },
  drawnOf: { en: "median of {n:repeat|repeats}, band {low}–{high}%", ru: "медиана {n:повтора|повторов|повторов}, полоса {low}–{high}\u00a0%" },
  repeatsDone: { en: "{done} of {n:repeat|repeats} done", ru: "готово {done} из {n:повтора|повторов|повторов}" },
  repeatsGone: { en: "diverged: {gone} of {n}", ru: "разошлось: {gone} из {n}" },
  firstRepeat: { en: "first repeat", ru: "первый повтор" },
  evenNever: { en: "at no bandwidth sooner than without compression", ru: "ни при какой скорости линии не быстрее, чем без сжатия" },
  evenAlways: { en: "at any bandwidth sooner than without compression", ru: "при любой скорости линии быстрее, чем без сжатия" },
  evenBelow: { en: "sooner than without compression below {bandwidth}", ru: "быстрее, чем без сжатия, если линия медленнее {bandwidth}" },
  evenAbove: { en: "sooner than without compression above {bandwidth}", ru: "быстрее, чем без сжатия, если линия быстрее {bandwidth}" },
  evenBetween: { en: "sooner than without compression from {low} to {high}", ru: "быстрее, чем без сжатия, при скорости линии от {low} до {high}" },
  gigabits: { en: "{n}\u00a0Gbit/s", ru: "{n}\u00a0Гбит/с" },
  megabits: { en: "{n}\u00a0Mbit/s", ru: "{n}\u00a0Мбит/с" },
  kilobits: { en: "{n}\u00a0kbit/s", ru: "{n}\u00a0кбит/с" },
  bits: { en: "{n}\u00a0bit/s", ru: "{n}\u00a0бит/с" },
  verdictLater: { en: "The verdict stands here once all runs have ended.", ru: "Вывод появится здесь, когда закончатся все запуски." },

  pause: { en: "Pause", ru: "Пауза" },
  resume: { en: "Resume", ru: "Продолжить" },
  step: { en: "One round", ru: "Один раунд" },
  stop: { en: "Stop", ru: "Стоп" },
  logX: { en: "log x", ru: "лог. ось x" },
  logXHint: { en: "Logarithmic horizontal axis", ru: "Логарифмическая горизонтальная ось" },
  reset: { en: "Whole picture", ru: "Весь график" },
  resetHint: {
    en: "Undo the zoom (drag on the chart to zoom in) and show diverged curves to their end; once more: cut them again",
    ru: "Снять увеличение (увеличить — провести по графику) и показать разошедшиеся кривые до конца; ещё раз — снова обрезать",
  },
  fullScreen: { en: "Full screen", ru: "На весь экран" },
  linksOwn: { en: "Back to the settings of the link", ru: "Вернуть настройки ссылки" },
  leave: { en: "Show the whole page", ru: "Показать всю страницу" },
  copyLink: { en: "Copy the link", ru: "Скопировать ссылку" },
  copyFrame: { en: "Copy the frame", ru: "Скопировать код вставки" },
  theLink: { en: "Link", ru: "Ссылка" },
  theFrame: { en: "Frame for a web page or a slide", ru: "Код вставки в страницу или слайд" },
  copied: { en: "Copied", ru: "Скопировано" },
  openLink: { en: "Open it", ru: "Открыть" },
  qrCode: { en: "QR code of the link", ru: "QR-код ссылки" },
  saveAs: { en: "Save the figure as {format}", ru: "Сохранить график как {format}" },
  controls: { en: "Runs and figure", ru: "Запуски и график" },
  hide: { en: "Hide or show the curve: {label}", ru: "Скрыть или показать кривую: {label}" },
  chart: { en: "Convergence: {metric} against {axis}", ru: "Сходимость: {metric}; по горизонтали: {axis}" },
  chartKeys: { en: "Left and right arrows read the curves off, Escape leaves.", ru: "Стрелки влево и вправо — значения кривых, Escape — выйти." },
  certain: { en: "upper bound from the theorem", ru: "верхняя оценка из теоремы" },
  expected: { en: "in expectation over what is drawn at random: {labels}", ru: "в среднем по случайным исходам: {labels}" },
  noLine: { en: "{label}: no guarantee, {why}", ru: "{label}: гарантии нет: {why}" },
  noCurve: { en: "{label}: {why}", ru: "{label}: {why}" },
  noTheorem: {
    en: "Theory has no line for {metric}: choose the running mean, Ψ, V, the distortion or the squared error of messages.",
    ru: "Для {metric} линии теории нет: выберите среднее по раундам, Ψ, V, искажение или квадрат ошибки сообщений.",
  },
  floorFound: {
    en: "f* was found to within {within}: a curve is not drawn where f is nearer to it than that.",
    ru: "f* найдено с точностью до {within}: ближе к нему кривая не рисуется.",
  },
  floorBound: {
    en: "f* is not known for certain. The curve shows f above {level}: f is nowhere below that, and need not come near it.",
    ru: "Точное f* неизвестно. Кривая показывает, насколько f выше {level}: ниже f не бывает, но и подойти к этому числу не обязана.",
  },
  floorUnknown: { en: "what f is measured from is not known: {why}", ru: "неизвестно, от чего отсчитывать f: {why}" },
  askingMinimum: { en: "looking for f*…", ru: "ищем f*…" },
  askingTheorems: { en: "looking up what theorems say…", ru: "выясняем, что говорят теоремы…" },
  accuracyAbout: {
    en: "The share of rows that no node has whose class the model tells right. Places on the cards and the verdict are about ‖∇f‖² all the same.",
    ru: "Доля строк, которых нет ни у одного узла и чей класс модель называет верно. Места на карточках и вывод — всё равно о ‖∇f‖².",
  },
  bandOfRepeats: {
    en: "line: median over {n:repeat|repeats} from different starts; band: from the {low}% to the {high}% quantile",
    ru: "линия: медиана {n:повтора|повторов|повторов} из разных начальных точек; полоса: от квантили {low}\u00a0% до {high}\u00a0%",
  },
  bandOfNodesAndRepeats: {
    en: "of every repeat the median over the nodes; line: the median of these over {n:repeat|repeats}; band: from the {low}% to the {high}% quantile",
    ru: "в каждом повторе берётся медиана по узлам; линия: медиана {n:повтора|повторов|повторов}; полоса: от квантили {low}\u00a0% до {high}\u00a0%",
  },
  repeatsArrived: {
    en: "a repeat that has come to the ‖∇f‖² at which it was to end counts from there on with what it ended with",
    ru: "повтор, который дошёл до своего порога по ‖∇f‖² и закончился, дальше учитывается с тем значением, на котором остановился",
  },
  boundOfRepeats: { en: "upper bound: the highest over the repeats", ru: "оценка сверху: наибольшая по повторам" },
  bandAbout: { en: "line: median over the nodes; band: from least to greatest", ru: "линия: медиана по узлам; полоса: от наименьшего до наибольшего" },
  polling: { en: "The live stream does not get through; asking once a second instead.", ru: "Поток не проходит; спрашиваем сервер раз в секунду." },
  noDrawing: {
    en: "The chart cannot be drawn: the file plotly.min.js did not arrive. It is asked for again with the next news; a reload asks at once.",
    ru: "График нарисовать не удалось: не загрузился файл plotly.min.js. Попробуем ещё раз со следующими данными; можно обновить страницу.",
  },
  trouble: { en: "The server does not answer; trying again.", ru: "Сервер не отвечает; пробуем снова." },
};

/**
 * Take in the words of what has none here: of metrics that were added.
 * @param {Record<string, Both>} words
 */
export function learn(words) {
  for (const [name, both] of Object.entries(words)) WORDS[name] ??= both;
}

/**
 * The words under `name` in a language, {slots} filled.
 * @param {Language} language
 * @param {string} name
 * @param {Record<string, Slot>} values
 */
export function say(language, name, values = {}) {
  return filled(language, WORDS[name]?.[language] ?? name, values);
}
