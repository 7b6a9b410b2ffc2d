"""Presets, counts, and what a customer's Keras JSON may hold."""

import json

import pytest

from fl_nodes.protocol.architecture import (
    ArchitectureInvalid,
    check,
    forward_flops,
    from_keras_json,
    parameters,
    preset,
    statistics,
    to_keras_config,
)


def dense(units: int, activation: str = "linear", **more) -> dict:
    return {"class_name": "Dense", "config": {"units": units, "activation": activation, **more}}


def keras3(*layers: dict, shape: tuple[int, ...] = (4,)) -> str:
    first = {"module": "keras.layers", "class_name": "InputLayer", "config": {"batch_shape": [None, *shape]}}
    return json.dumps({"module": "keras", "class_name": "Sequential", "config": {"layers": [first, *layers]}})


def refusal(text: str, shape: tuple[int, ...] = (4,), classes: int = 3) -> ArchitectureInvalid:
    with pytest.raises(ArchitectureInvalid) as caught:
        from_keras_json(text, shape, classes)
    assert caught.value.message.endswith(".")
    return caught.value


@pytest.mark.parametrize(
    ("name", "shape", "count"),
    [
        ("logistic", [64], 650),
        ("logistic", [8, 8], 650),
        ("mlp", [64], 55_210),
        ("cnn", [64], 13_706),
        ("cnn", [8, 8], 13_706),
        ("cnn", [28, 28, 1], 105_866),
    ],
)
def test_preset__known_shapes__have_known_sizes(name: str, shape: list[int], count: int) -> None:
    made = preset(name, shape, 10)
    assert parameters(made) == count
    assert check(made) == made
    assert forward_flops(made) > count


def test_preset__rows_that_make_no_picture__refuses_a_cnn() -> None:
    with pytest.raises(ArchitectureInvalid) as caught:
        preset("cnn", [30], 2)
    assert caught.value.code == "model.cnn_shape"
    assert "30" in caught.value.message


def test_preset__unknown_name__lists_those_there_are() -> None:
    with pytest.raises(ArchitectureInvalid, match="logistic, mlp, cnn"):
        preset("transformer", [4], 2)


def test_from_keras_json__softmax_or_logits__are_the_same_model() -> None:
    plain = from_keras_json(keras3(dense(8, "relu"), dense(3)), [4], 3)
    assert from_keras_json(keras3(dense(8, "relu"), dense(3, "softmax")), [4], 3) == plain
    layer = {"class_name": "Softmax", "config": {"axis": -1}}
    assert from_keras_json(keras3(dense(8, "relu"), dense(3), layer), [4], 3) == plain
    layer = {"class_name": "Activation", "config": {"activation": "softmax"}}
    assert from_keras_json(keras3(dense(8, "relu"), dense(3), layer), [4], 3) == plain


def test_from_keras_json__keras_2_sequential__is_read() -> None:
    first = dense(
        8,
        "relu",
        batch_input_shape=[None, 4],
        kernel_initializer={"class_name": "HeNormal", "config": {"seed": None}},
    )
    text = json.dumps(
        {
            "class_name": "Sequential",
            "config": {"layers": [first, dense(3, "softmax")]},
            "keras_version": "2.13.1",
        }
    )
    made = from_keras_json(text, [4], 3)
    assert made["layers"][0]["kernel_initializer"] == {"class_name": "HeNormal", "config": {}}
    assert parameters(made) == 4 * 8 + 8 + 8 * 3 + 3


def functional(*layers: tuple[str, str, dict, list]) -> str:
    described = [
        {"name": n, "class_name": c, "config": config, "inbound_nodes": nodes}
        for n, c, config, nodes in layers
    ]
    return json.dumps({"class_name": "Functional", "config": {"layers": described}})


def test_from_keras_json__functional_in_one_line__is_read_in_its_order() -> None:
    entry = ("in", "InputLayer", {"batch_input_shape": [None, 4]}, [])
    first = ("a", "Dense", {"units": 8, "activation": "relu"}, [[["in", 0, 0, {}]]])
    history = [
        {"args": [{"class_name": "__keras_tensor__", "config": {"keras_history": ["a", 0, 0]}}], "kwargs": {}}
    ]
    last = ("b", "Dense", {"units": 3}, history)
    made = from_keras_json(functional(entry, last, first), [4], 3)
    assert [layer["units"] for layer in made["layers"]] == [8, 3]


def test_from_keras_json__branches__are_refused() -> None:
    entry = ("in", "InputLayer", {"batch_input_shape": [None, 4]}, [])
    one = ("a", "Dense", {"units": 3}, [[["in", 0, 0, {}]]])
    two = ("b", "Dense", {"units": 3}, [[["in", 0, 0, {}]]])
    both = ("c", "Add", {}, [[["a", 0, 0, {}], ["b", 0, 0, {}]]])
    assert refusal(functional(entry, one, two)).code == "model.branches"
    assert refusal(functional(entry, one, both)).code == "model.branches"


def test_from_keras_json__as_many_values_in_another_shape__is_reshaped() -> None:
    made = from_keras_json(keras3({"class_name": "Flatten", "config": {}}, dense(3), shape=(2, 2, 1)), [4], 3)
    assert made["layers"][0] == {"kind": "reshape", "target_shape": [2, 2, 1]}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "model.json"),
        ("[]", "model.json"),
        ("[" * 100_000, "model.json"),
        ('"' + "x" * 1_000_001 + '"', "model.json"),
        (json.dumps({"class_name": "Sequential", "config": {"layers": []}}), "model.json"),
        (json.dumps({"class_name": "Mine", "config": {"layers": [dense(3)]}}), "model.class"),
        (
            keras3({"class_name": "Lambda", "config": {"function": ["4wEAAA==", None, None]}}, dense(3)),
            "model.layer_kind",
        ),
        (
            keras3({"class_name": "Dense", "registered_name": "mine>Dense", "config": {"units": 3}}),
            "model.custom",
        ),
        (keras3({"class_name": "Dense", "module": "os", "config": {"units": 3}}), "model.custom"),
        (
            keras3(dense(3, activation={"class_name": "function", "module": "builtins", "config": "evil"})),
            "model.custom",
        ),
        (keras3(dense(3, kernel_initializer={"class_name": "Mine", "config": {}})), "model.layer"),
        (
            keras3(dense(3, kernel_initializer={"module": "evil", "class_name": "Zeros", "config": {}})),
            "model.custom",
        ),
        (keras3(dense(3, kernel_regularizer={"class_name": "L2", "config": {"l2": 0.1}})), "model.setting"),
        (keras3(dense(3, trainable=False)), "model.frozen"),
        (keras3(dense(3, dtype="float16")), "model.dtype"),
        (
            keras3(dense(3, dtype={"class_name": "DTypePolicy", "config": {"name": "mixed_float16"}})),
            "model.dtype",
        ),
        (keras3(dense(2)), "model.output"),
        (keras3(dense(3, "sigmoid")), "model.output"),
        (keras3(dense(3), shape=(5,)), "model.input_shape"),
        (keras3(dense(10**9), dense(3)), "model.layer"),
        (keras3(dense(65_000), dense(65_000), dense(3)), "model.too_large"),
        (keras3(*[dense(2)] * 150, dense(3)), "model.layers"),
        (keras3(*[dense(2)] * 250, dense(3)), "model.layers"),
        (
            keras3({"class_name": "Conv2D", "config": {"filters": 2, "kernel_size": [3, 3]}}, dense(3)),
            "model.shape",
        ),
        (keras3({"class_name": "Reshape", "config": {"target_shape": [3]}}, dense(3)), "model.shape"),
    ],
)
def test_from_keras_json__what_cannot_be_accepted__is_refused_with_its_code(text: str, code: str) -> None:
    assert refusal(text).code == code


def test_statistics__batch_normalisation__names_its_running_averages() -> None:
    norm = {"class_name": "BatchNormalization", "config": {"axis": [-1], "momentum": 0.9}}
    made = from_keras_json(keras3(dense(8), norm, dense(5, use_bias=False), norm, dense(3)), [4], 3)
    assert statistics(made) == (4, 5, 9, 10)
    assert statistics(preset("mlp", [4], 2)) == ()


def test_to_keras_config__softmax__is_one_more_layer() -> None:
    made = preset("logistic", [4], 3)
    assert len(to_keras_config(made, softmax=True)["layers"]) == len(to_keras_config(made)["layers"]) + 1


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"input_shape": [4], "classes": 3, "layers": [{"kind": "dense"}]},
        {"input_shape": [4], "classes": 3, "layers": [{"kind": "dense", "units": 3, "colour": 1}]},
        {"input_shape": [4], "classes": 3, "layers": [{"kind": ["dense"]}]},
        {"input_shape": [4], "classes": True, "layers": [{"kind": "dense", "units": 3}]},
        {"input_shape": [0], "classes": 3, "layers": [{"kind": "dense", "units": 3}]},
        {"input_shape": [4], "classes": 3, "layers": [{"kind": "dense", "units": 3, "activation": ["relu"]}]},
    ],
)
def test_check__broken_architecture__is_refused(broken: dict) -> None:
    with pytest.raises(ArchitectureInvalid):
        check(broken)
