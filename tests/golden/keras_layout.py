"""Writes keras_layout.safetensors: models made by Keras, their weights under the paths of its
variables, inputs and logits, for tests/layers/keras_layout_test.cpp, which has the same models as TOML.

  KERAS_BACKEND=torch python tests/golden/keras_layout.py
"""

import pathlib

import keras
import numpy as np
import torch
from keras import layers
from safetensors.torch import save_file

LENGTH, LETTERS, CLASSES, BATCH = 12, 4, 3, 5


def both(cell, name, units, last=False):
    inner = {"lstm": layers.LSTM, "gru": layers.GRU, "simple_rnn": layers.SimpleRNN}[cell]
    return layers.Bidirectional(inner(units, return_sequences=not last, name=cell), name=name)


def recurrent(x):
    x = layers.Conv1D(6, 3, padding="same", activation="relu", name="conv")(x)
    x = both("lstm", "walk_l0", 4)(x)
    x = both("lstm", "walk_l1", 4)(x)
    x = both("gru", "units", 3)(x)
    x = layers.GRU(5, return_sequences=True, name="one_way")(x)
    x = both("simple_rnn", "plain", 4, last=True)(x)
    return layers.Dense(CLASSES, name="out")(x)


def flattened(x):
    a = layers.Conv1D(6, 3, groups=2, strides=2, name="conv")(x)
    b = layers.LSTM(4, name="lstm")(x)
    c = layers.SimpleRNN(4, activation="relu", return_sequences=True, name="rnn")(x)
    x = layers.Concatenate()([layers.Flatten()(a), b, layers.Flatten()(c)])
    x = layers.Activation("tanh")(x)
    x = layers.Dense(7, activation="relu", name="fc")(x)
    return layers.Dense(CLASSES, name="out")(x)


def normalised(x):
    x = layers.Conv1D(6, 3, name="conv")(x)
    x = layers.BatchNormalization(name="norm")(x)
    x = layers.LayerNormalization(name="rows")(x)
    x = layers.Flatten()(x)
    x = layers.BatchNormalization(name="all")(x)
    return layers.Dense(CLASSES, name="out")(x)


keras.utils.set_random_seed(1)
random = np.random.default_rng(2)
x = random.normal(size=(BATCH, LENGTH, LETTERS)).astype(np.float32)
tensors = {"input": torch.tensor(x.transpose(1, 0, 2).copy())}
for network in (recurrent, flattened, normalised):
    given = keras.Input((LENGTH, LETTERS))
    model = keras.Model(given, network(given))
    for variable in model.weights:
        if variable.path.endswith("bias"):  # Keras' own are zeros, which show no mistake
            variable.assign(random.normal(scale=0.5, size=variable.shape))
        if variable.path.split("/")[-1] in ("gamma", "beta", "moving_mean", "moving_variance"):
            variable.assign(random.uniform(0.5, 1.5, size=variable.shape))
    for variable in model.weights:
        value = torch.tensor(keras.ops.convert_to_numpy(variable))
        tensors[f"{network.__name__}:{variable.path}"] = value
    logits = keras.ops.convert_to_numpy(model(x))
    tensors[f"{network.__name__}:logits"] = torch.tensor(logits)
tensors = {key: value.clone().contiguous() for key, value in tensors.items()}
save_file(tensors, pathlib.Path(__file__).parent / "keras_layout.safetensors")
