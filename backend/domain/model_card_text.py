"""A model card for people: Markdown, with code that runs beside the downloaded files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from backend.domain.eco_text import PPM_PER_PERCENT, grams
from backend.domain.forms_text import predicting
from backend.domain.units import privacy

MOST_CLASSES = 100
MOST_CONFUSED = 20
"""Beyond these many classes tables help nobody; `model_card.json` has them."""
_MARKED = str.maketrans({c: f"\\{c}" for c in "\\`*_[]|#"} | {"<": "&lt;", ">": "&gt;", "&": "&amp;"})
_VARIANTS = {
    "float32": "as trained",
    "int8": "8-bit integers throughout, float32 at both ends",
    "pruned": "the smallest weights of all kernels set to zero, not trained further",
}


def model_card_text(card: dict[str, Any]) -> str:
    """The card (`model_card.model_card`) as Markdown."""
    parts = (
        _model,
        _intended_use,
        _data,
        _training,
        _metrics,
        _variants,
        _energy,
        _run,
        _provenance,
        _limits,
    )
    return "\n".join(line for part in parts for line in (*part(card), "")).rstrip() + "\n"


def plain(text: object) -> str:
    """Somebody's text, such as a class's or a file's name, with nothing left in it that Markdown or HTML would act on."""
    return " ".join(str(text).split()).translate(_MARKED)


def _model(card: dict[str, Any]) -> Iterator[str]:
    model = card["model"]
    made = datetime.fromtimestamp(card["made_at"], UTC).strftime("%Y-%m-%d")
    yield f"# Model card: {plain(model['name'])} on {plain(card['data']['name'])}"
    yield ""
    yield f"Trained on EcoDML, {made}, job `{card['provenance']['job_id']}`."
    yield ""
    yield f"A classifier of {model['parameters']:,} parameters ({model['forward_flops']:,} floating-point operations an example)."
    yield f"Inputs have the shape {model['input_shape']}; layers: {', '.join(map(plain, model['layers']))}."


def _intended_use(card: dict[str, Any]) -> Iterator[str]:
    classes = card["data"]["classes"]
    named = ", ".join(map(plain, classes[:MOST_CONFUSED])) + (", ..." if len(classes) > MOST_CONFUSED else "")
    yield "## Intended use"
    yield ""
    yield f"Naming one of {len(classes)} classes ({named}) for rows that were gathered like those it was trained on."
    yield "What the answer is used for is the owner's to judge: nobody here knows the purpose, and none was tested for."


def _data(card: dict[str, Any]) -> Iterator[str]:
    data, done = card["data"], card["data"]["preprocessing"]
    splits = ", ".join(f"{rows:,} {name}" for name, rows in data["splits"].items() if rows is not None)
    yield "## Data"
    yield ""
    yield f"- File: {plain(data['name'])} ({data['format']}), {data['rows']:,} rows, SHA-256 `{data['sha256']}`"
    yield f"- Target: {plain(data['target'])}"
    yield f"- Rows by split: {splits}. No node has seen the test split."
    if done["kind"] == "columns":
        left = f"; left out: {', '.join(map(plain, done['dropped']))}" if done["dropped"] else ""
        yield f"- Preprocessing: {done['numbers']} columns of numbers, {done['categories']} of categories{left}."
    else:
        yield f"- Preprocessing: arrays, {'standardised' if done['standardised'] else 'divided by one scale'}."
    yield "  Fitted on training rows alone; recorded in `preprocessing.json`, done by `preprocess.py`."


def _training(card: dict[str, Any]) -> Iterator[str]:
    training, spec = card["training"], card["training"]["spec"]
    yield "## Training"
    yield ""
    turns = f", {spec['participants']} of them in a round" if spec["participants"] else ""
    yield f"- Federated: {training['rounds']} rounds, {len(training['trainers'])} trainers{turns} ({spec['partition']} shards),"
    yield f"  {len(training['validators'])} validators who re-ran parts of the work"
    yield f"- On each node: {spec['local_epochs']} passes a round, {spec['optimizer']}, learning rate {spec['learning_rate']:g},"
    yield f"  batches of {spec['batch_size']}, seed {spec['seed']}"
    yield f"- Aggregation: `{spec['aggregation']}`; applied: {', '.join(training['rules'])};"
    yield f"  server optimizer {spec['server_optimizer']}, rate {spec['server_learning_rate']:g};"
    yield f"  updates left out: {training['updates_left_out']}"
    spent = training["privacy"]
    yield f"- Differential privacy: {privacy(spent) + _noise(spent) if spent else 'none'}"


def _noise(spent: dict[str, Any]) -> str:
    return f", noise multiplier {spent['noise_multiplier']:g}, last clip {spent['clip']:.4g}"


def _metrics(card: dict[str, Any]) -> Iterator[str]:
    metrics, classes = card["metrics"], card["data"]["classes"]
    yield "## Metrics on the test split"
    yield ""
    yield (
        f"Accuracy {metrics['accuracy']:.4f}, macro-F1 {metrics['macro_f1']:.4f}, cross-entropy {metrics['loss']:.4f}, "
        f"{metrics['examples']:,} rows."
    )
    yield ""
    yield from _table(
        ("class", "rows", "precision", "recall", "F1"),
        [
            (plain(c["class"]), c["rows"], *(_ratio(c[n]) for n in ("precision", "recall", "f1")))
            for c in metrics["classes"][:MOST_CLASSES]
        ],
    )
    if len(classes) > MOST_CONFUSED:
        yield ""
        yield "`model_card.json` has the confusion matrix, and every class."
        return
    yield ""
    yield "True class down, predicted class across:"
    yield ""
    yield from _table(
        ("", *map(plain, classes)),
        [(plain(name), *row) for name, row in zip(classes, metrics["confusion"], strict=True)],
    )


def _variants(card: dict[str, Any]) -> Iterator[str]:
    yield "## Forms of the model"
    yield ""
    yield from _table(
        ("file", "what it is", "accuracy", "macro-F1", "bytes", "compressed", "zero weights", "SHA-256"),
        [
            (
                f"`{v['file']}`",
                _VARIANTS.get(name, name),
                f"{v['accuracy']:.4f}",
                f"{v['macro_f1']:.4f}",
                v["size"],
                v["packed_bytes"],
                "" if v["zeros"] is None else f"{v['zeros']:.1%}",
                f"`{v['sha256']}`",
            )
            for name, v in card["variants"].items()
        ],
    )
    yield ""
    yield "Compressed is the whole file under DEFLATE. `model.json` with `model.weights.h5` is the model as trained, too."
    yield from predicting(card["variants"])
    for name, why in sorted(card["left_out"].items()):
        yield ""
        yield f"There is no `{name}`: {plain(why)}."


def _energy(card: dict[str, Any]) -> Iterator[str]:
    yield "## Energy"
    yield ""
    yield from _table(
        ("how it is known", "joules", "give or take", "nodes", "seconds of work"),
        [
            (kind, f"{of['joules']:.1f}", f"{of['band_joules']:.1f}", of["nodes"], f"{of['seconds']:.1f}")
            for kind, of in sorted(card["energy"]["classes"].items())
        ],
    )
    yield ""
    carbon = card["energy"]["carbon"]
    yield (
        f"Of the trainers' work alone. It emitted {grams(carbon['micrograms'])} CO2e at their grids' intensities "
        f"(location-based), give or take {carbon['band_ppm'] / PPM_PER_PERCENT:.0f} %."
    )
    sci = carbon["sci"]
    yield (
        f"SCI (ISO/IEC 21031): {grams(sci['micrograms'])} CO2e per trained model, of which making the hardware "
        f"{grams(sci['embodied_ug'])}."
    )
    if carbon["eco"] is not None:
        yield f"Eco Score {carbon['eco']['score']:.0f} of 100. `energy.json` has every figure and the formula's inputs."


def _run(card: dict[str, Any]) -> Iterator[str]:
    yield "## Using it on raw rows"
    yield ""
    yield "In a folder with these files; needs Keras with TensorFlow."
    yield ""
    yield "```python"
    yield from _reading(card)
    yield 'model = keras.models.load_model("model.keras", compile=False)'
    yield "x = preprocess(recipe, rows)"
    yield 'names = [recipe["classes"][i] for i in model.predict(x, verbose=0).argmax(axis=1)]'
    yield 'print("\\n".join(names))'
    yield "```"
    if "int8" not in card["variants"]:
        return
    yield ""
    yield "The same with 8-bit integers (`ai_edge_litert.interpreter.Interpreter` is used alike and needs no TensorFlow):"
    yield ""
    yield "```python"
    yield "import tensorflow as tf"
    yield ""
    yield 'interpreter = tf.lite.Interpreter("model.tflite")'
    yield "given, made = interpreter.get_input_details()[0], interpreter.get_output_details()[0]"
    yield 'interpreter.resize_tensor_input(given["index"], x.shape)'
    yield "interpreter.allocate_tensors()"
    yield 'interpreter.set_tensor(given["index"], x)'
    yield "interpreter.invoke()"
    yield 'answers = interpreter.get_tensor(made["index"]).argmax(axis=1)'
    yield 'print("\\n".join(recipe["classes"][i] for i in answers))'
    yield "```"


def _reading(card: dict[str, Any]) -> Iterator[str]:
    use = card["use"]
    if use["source"] != "csv":
        shape = ", ".join(map(str, card["model"]["input_shape"]))
        yield from (
            "import json",
            "",
            "import keras",
            "import numpy as np",
            "",
            "from preprocess import preprocess",
            "",
        )
        yield 'recipe = json.load(open("preprocessing.json", encoding="utf-8"))'
        yield f'rows = np.load("new.npz")["x"]  # [n, {shape}], values as in the original file'
        return
    reader = "DictReader" if use["has_header"] else "reader"
    yield from ("import csv", "import json", "", "import keras", "", "from preprocess import preprocess", "")
    yield 'recipe = json.load(open("preprocessing.json", encoding="utf-8"))'
    yield 'with open("new.csv", newline="", encoding="utf-8-sig") as file:'
    yield f"    rows = list(csv.{reader}(file, delimiter={use['delimiter']!r}))"


def _provenance(card: dict[str, Any]) -> Iterator[str]:
    known = card["provenance"]
    yield "## Where it comes from"
    yield ""
    yield f"- Ticket {known['ticket']}, job `{known['job_id']}`"
    yield f"- Escrow `{known['escrow']}` on chain {known['chain_id']}"
    yield f"- Dataset `{known['dataset_sha256']}`"
    yield f"- Specification `{known['spec_sha256']}`"
    yield f"- Final weights `{known['model_sha256']}` (`model.safetensors`), the result that the verdict names"
    yield f"- Validators' signed reports `{known['evidence_hash']}`"
    yield ""
    yield f"`ecodml audit {known['job_id']}` derives what was promised about the job again from the chain."
    yield ""
    yield from _table(
        ("file", "bytes", "SHA-256"),
        [(f"`{name}`", of["size"], f"`{of['sha256']}`") for name, of in card["files"].items()],
    )


def _limits(card: dict[str, Any]) -> Iterator[str]:
    yield "## Limits"
    yield ""
    yield "- The metrics hold for rows like those of the test split, which comes from the same file as the training rows."
    yield "- No group of people or circumstances was looked at apart: only the classes above were."
    yield "- Node providers saw the rows of the shards that they trained on or checked."
    if card["data"]["preprocessing"]["kind"] == "columns":
        yield "- A category that no training row had counts as missing; a missing number is replaced by the column's mean."
    clip = card["data"]["preprocessing"]["clip"]
    if clip:
        yield f"- Inputs further than {clip:g} standard deviations from the mean are cut off there."
    if card["training"]["privacy"] is not None:
        yield "- Differential privacy covers the weights alone: not preprocessing, metrics, or what validators and operator saw."
    yield "- Energy is the trainers' own reading, by the class and band named; validation and this service are not in it."


def _ratio(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def _table(head: Sequence[object], rows: Sequence[Sequence[object]]) -> Iterator[str]:
    yield f"| {' | '.join(map(str, head))} |"
    yield "|" + "---|" * len(head)
    yield from (f"| {' | '.join(map(str, row))} |" for row in rows)
