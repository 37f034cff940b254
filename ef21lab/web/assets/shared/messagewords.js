// The words for messages: the heatmap of their errors, one of them as pictures, the microscope.

/** @import { Both } from "./types.js" */

/** @type {Record<string, Both>} */
export const MESSAGE_WORDS = {
  errorsTitle: { en: "Relative error of every message", ru: "Относительная ошибка каждого сообщения" },
  errorsAbout: {
    en: "‖C(v) − v‖ / ‖v‖, where v = {message} is what node i wants to say. Click a cell to see that message below.",
    ru: "‖C(v) − v‖ / ‖v‖, где v = {message} — то, что хочет передать узел i. Нажмите на клетку, и сообщение появится ниже.",
  },
  contender: { en: "Contender", ru: "Участник" },
  node: { en: "node", ru: "узел" },
  roundAxis: { en: "round", ru: "раунд" },
  cell: { en: "node {node}, round {round}: {value}", ru: "узел {node}, раунд {round}: {value}" },
  nothingSent: { en: "nothing was sent", ru: "ничего не отправлено" },
  oneScale: { en: "One scale for all", ru: "Общая шкала" },
  oneScaleHint: {
    en: "Colours mean the same errors for every contender; otherwise each has a scale of its own",
    ru: "У всех участников цвет означает одну и ту же ошибку; иначе у каждого своя шкала",
  },
  heatmapKeys: {
    en: "Arrow keys move over the cells, Enter opens a message, Escape leaves.",
    ru: "Стрелки — переход по клеткам, Enter — открыть сообщение, Escape — выйти.",
  },
  noErrorsYet: { en: "The first messages are on their way.", ru: "Первые сообщения ещё в пути." },

  layersTitle: { en: "Relative error of every layer", ru: "Относительная ошибка каждого слоя" },
  layersAbout: {
    en: "√(Σᵢ ‖C(vᵢ) − vᵢ‖² / Σᵢ ‖vᵢ‖²) over the nodes, of the layer’s part of v alone. Click a cell to see that layer below.",
    ru: "√(Σᵢ ‖C(vᵢ) − vᵢ‖² / Σᵢ ‖vᵢ‖²) по узлам, только по той части v, что относится к слою. Нажмите на клетку, и слой появится ниже.",
  },
  layer: { en: "layer", ru: "слой" },
  layerCell: { en: "layer {node}, round {round}: {value}", ru: "слой {node}, раунд {round}: {value}" },
  layerWeight: {
    en: "Layer {layer}, {sides}: {energy} of ‖∇f‖², {bits} of the bits so far",
    ru: "Слой {layer}, {sides}: {energy} от ‖∇f‖², {bits} отправленных битов",
  },
  layerEnergy: { en: "Layer {layer}, {sides}: {energy} of ‖∇f‖²", ru: "Слой {layer}, {sides}: {energy} от ‖∇f‖²" },
  layerName: { en: "Layer", ru: "Слой" },
  wholeVector: { en: "all layers as one vector", ru: "все слои одним вектором" },
  spectraTitle: { en: "Singular values of the layer, by unfolding", ru: "Сингулярные числа слоя по развёрткам" },
  spectraLines: { en: "solid: wanted, dotted: received", ru: "сплошная: хотел передать, точки: дошло" },
  mode: { en: "mode {mode} (side {side})", ru: "мода {mode} (сторона {side})" },
  matrix: { en: "as a matrix", ru: "как матрица" },
  singularNumber: { en: "singular value number", ru: "номер сингулярного числа" },

  picturesTitle: { en: "One message, folded", ru: "Одно сообщение в виде тензора" },
  picturesAbout: {
    en: "node {node}, round {round}, {d:number|numbers} as {dims}",
    ru: "узел {node}, раунд {round}, {d:число|числа|чисел} как {dims}",
  },
  picturesNearest: {
    en: "node {node}, round {round}, the kept one nearest to {asked}; {d:number|numbers} as {dims}. Click the cell to see round {asked} itself.",
    ru: "узел {node}, раунд {round} — ближайший сохранённый к {asked}; {d:число|числа|чисел} как {dims}. Нажмите на клетку, чтобы увидеть сам раунд {asked}.",
  },
  picturesInstead: {
    en: "node {node}, round {round}, the kept one nearest to {asked}; {d:number|numbers} as {dims}. Round {asked} itself: {why}.",
    ru: "узел {node}, раунд {round} — ближайший сохранённый к {asked}; {d:число|числа|чисел} как {dims}. Сам раунд {asked}: {why}.",
  },
  picturesAgain: { en: "node {node}, round {round}: being computed again…", ru: "узел {node}, раунд {round}: пересчитывается…" },
  wanted: { en: "wanted: {message}", ru: "хотел передать: {message}" },
  received: { en: "received: C(v)", ru: "дошло: C(v)" },
  error: { en: "error: wanted − received", ru: "ошибка: разность" },
  Node: { en: "Node", ru: "Узел" },
  Round: { en: "Round", ru: "Раунд" },
  nothingArrived: { en: "nothing arrived here", ru: "сюда ничего не пришло" },
  allZero: { en: "all zero here", ru: "здесь одни нули" },
  Slice: { en: "Slice", ru: "Срез" },
  noPictures: { en: "No message has been kept yet.", ru: "Сохранённых сообщений пока нет." },

  strength: { en: "How much is kept", ru: "Сколько оставить" },
  original: { en: "original x", ru: "исходный x" },
  arrived: { en: "received C(x)", ru: "дошло C(x)" },
  lost: { en: "error x − C(x)", ru: "ошибка x − C(x)" },
  relativeError: { en: "relative error", ru: "относительная ошибка" },
  bitsOfMessage: { en: "bits", ru: "биты" },
  floatsOfMessage: { en: "floats", ru: "числа" },
  timeOfMessage: { en: "time to compress", ru: "время сжатия" },
  milliseconds: { en: "ms", ru: "мс" },
  variance: { en: "variance ω", ru: "дисперсия ω" },
  keptEnergy: { en: "Kept energy: {kept} of 1; {certified}", ru: "Сохранённая энергия: {kept} из 1; {certified}" },
  certified: { en: "certified: at least α = {alpha}", ru: "гарантировано не меньше α = {alpha}" },
  noCertificate: { en: "nothing is certified", ru: "гарантии нет" },
  bitsByPart: { en: "What the bits are spent on", ru: "На что уходят биты" },
  head: { en: "The message begins: ", ru: "Начало сообщения: " },
};
