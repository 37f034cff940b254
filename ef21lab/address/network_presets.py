"""Ready-made settings with networks: what feedback, splits, folds and layers do to the training of one."""

from __future__ import annotations

from ef21lab.address.preset import Preset, fixed
from ef21lab.choices.fields import Json
from ef21lab.choices.text import Text

RANK_1: Json = {"name": "per_layer", "inner": {"name": "svd", "dims": "natural", "ranks": 1}, "fold": "matrix"}


def _tucker(*ranks: int, fold: str) -> Json:
    """Of the three convolutions below; dims are those of the largest, as the form says it, and every layer has its own."""
    return {"name": "per_layer", "inner": {"name": "st_hosvd", "dims": [32, 16, 3, 3], "ranks": list(ranks)}, "fold": fold}


def _digits(network: Json, partition: str, **more: Json) -> dict[str, Json]:
    """A network that learns to read figures on ten nodes; a fifth of the images is held out."""
    return {
        "dataset": "digits",
        "partition": {"name": partition, "nodes": 10},
        "objective": {"name": "network", "network": network},
        "start": "initial",
        "held_out": 0.2,
        **more,
    }


def _training(compressor: Json, method: Json) -> dict[str, Json]:
    return {"compressor": compressor, "step": fixed(0.4), "algorithm": method}


PERCEPTRON: Json = {"name": "mlp", "width": 32}
THREE_CONVOLUTIONS: Json = {"name": "conv", "layers": 3}
SMALL_BATCHES: Json = {"name": "ef21_sgdm", "batch": 16}

NETWORK_PRESETS: dict[str, Preset] = {
    "feedback": Preset(
        Text("Error feedback is essential", "Без обратной связи нельзя"),
        Text(
            "A network learns to read figures; of every matrix a node sends **rank 1**, a fourteenth of its numbers. Without feedback DCGD "
            "reads three in five of the unseen images, and no step takes it much further. EF14 and EF21 send as little, remember what they "
            "did not send, and read nine in ten.",
            "Сеть учится читать цифры; от каждой матрицы узел посылает **ранг 1**, четырнадцатую часть чисел. Без обратной связи DCGD "
            "читает три картинки из пяти, которых не видел, и никакой шаг заметно дальше его не уводит. EF14 и EF21 посылают столько же, "
            "но помнят неотправленное и читают девять из десяти.",
        ),
        _digits(PERCEPTRON, "shuffled", rounds=150),
        tuple(_training(RANK_1, method) for method in ("dcgd", "ef14", "ef21")),
        {"metric": "accuracy", "axis": "round"},
    ),
    "split": Preset(
        Text("Labels split by node", "Каждому узлу своя цифра"),
        Text(
            "The same network and rank 1, but **each node has nearly one figure**. Its gradient is then itself nearly of rank 1: DCGD's "
            "messages lose a sixth where they lost two thirds, and it trains without feedback. EF21 keeps up with the uncompressed run "
            "at a fourteenth of its bits. Choose the shuffled partition: only DCGD falls behind.",
            "Та же сеть и ранг 1, но **на каждом узле почти одна цифра**. Градиент такого узла и сам почти ранга 1: сообщения DCGD теряют "
            "шестую часть вместо двух третей, и он обходится без обратной связи. EF21 не отстаёт от запуска без сжатия, посылая "
            "в четырнадцать раз меньше битов. С разбиением «Вперемешку» отстаёт один DCGD.",
        ),
        _digits(PERCEPTRON, "by_label", rounds=150),
        (_training(RANK_1, "dcgd"), _training(RANK_1, "ef21"), _training("identity", "ef21")),
        {"metric": "accuracy", "axis": "round"},
    ),
    "tucker": Preset(
        Text("Tucker against the matrix fold", "Таккер против матрицы"),
        Text(
            "A convolution's kernel is a tensor. Laid out **as a matrix** and sent at rank 1 it costs more than **Tucker of ranks 2×2×1** "
            "of the kernel o × i × hw, or 2×2×1×1 as it is: at equal bits both folds that keep the shape are ahead. Nodes work on batches "
            "of 16.",
            "Ядро свёртки — тензор. Развёрнутое **в матрицу** ранга 1, оно стоит дороже, чем **разложение Таккера рангов 2×2×1** "
            "ядра o × i × hw или 2×2×1×1 ядра как есть: при равном числе битов обе формы, которые не ломают тензор, впереди. "
            "Узлы считают по батчам из 16 картинок.",
        ),
        _digits(THREE_CONVOLUTIONS, "shuffled", rounds=200, record_every=5),
        tuple(
            _training(operator, SMALL_BATCHES)
            for operator in (RANK_1, _tucker(2, 2, 1, 1, fold="three"), _tucker(2, 2, 1, 1, fold="native"))
        ),
        {"metric": "gap"},
    ),
    "layers": Preset(
        Text("Layers differ", "Слои неодинаковы"),
        Text(
            "One setting, unequal losses: look at the **strip of layers** below. Tucker 2×2×1 sends biases exactly and most of the last "
            "matrix, and loses four fifths of the middle kernels. **Top-k over all layers at once** spends its numbers where the gradient "
            "is large, and is ahead at equal bits.",
            "Настройка одна, потери разные: посмотрите на **полосу слоёв** ниже. Таккер 2×2×1 точно посылает сдвиги и бо́льшую часть "
            "последней матрицы, а от средних ядер теряет четыре пятых. **Top-k по всем слоям сразу** тратит числа там, где градиент велик, "
            "и при равном числе битов он впереди.",
        ),
        _digits(THREE_CONVOLUTIONS, "shuffled", rounds=200, record_every=5),
        (_training(_tucker(2, 2, 1, 1, fold="three"), SMALL_BATCHES), _training({"name": "top_k", "k": 155}, SMALL_BATCHES)),
        {"metric": "gap"},
    ),
}
