"""Times a jitted training step of the DNA network in JAX: gather, forward, loss, backward, Adam.

scan runs the LSTM's steps as a loop of XLA's; unrolled compiles all twenty one after the other.
"""

import os

import training_step

given = training_step.options(__doc__, ["scan", "unrolled"])
if given.model != "cnn-lstm-dna":
    raise SystemExit("only cnn-lstm-dna is written in JAX")
os.environ["JAX_PLATFORMS"] = given.device
if given.threads == 1:
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"

import jax
import jax.numpy as jnp
from jax import Array, lax

jax.config.update("jax_default_matmul_precision", "tensorfloat32" if given.tf32 else "highest")
HIDDEN = 128
Weights = dict[str, Array]
Adam = tuple[Weights, Weights, Weights, Array]  # weights, both moments, the number of steps


def initial_weights(key: Array) -> Weights:
    """PyTorch's shapes, uniform in one over the square root of what a unit reads."""
    shapes = {"conv1.w": (3, 4, 64), "conv1.b": (64,), "conv2.w": (3, 64, 128), "conv2.b": (128,)}
    for layer, width in ((0, 128), (1, 256)):
        for direction in (0, 1):
            name = f"lstm{layer}{direction}"
            shapes |= {f"{name}.w": (width, 512), f"{name}.u": (HIDDEN, 512),
                       f"{name}.b": (512,), f"{name}.c": (512,)}
    for name, inputs, outputs in (("fc1", 256, 100), ("fc2", 100, 80), ("fc3", 80, given.classes)):
        shapes |= {f"{name}.w": (inputs, outputs), f"{name}.b": (outputs,)}
    weights = {}
    for index, (name, shape) in enumerate(shapes.items()):
        bound = (shape[-2] * (3 if len(shape) == 3 else 1)) ** -0.5 if len(shape) > 1 else 0.1
        bound = HIDDEN**-0.5 if name.startswith("lstm") else bound
        weights[name] = jax.random.uniform(
            jax.random.fold_in(key, index), shape, minval=-bound, maxval=bound)
    return weights


def convolution(w: Weights, name: str, x: Array) -> Array:
    """Kernel 3, padding 1, then ReLU, over [batch, length, channels]."""
    y = lax.conv_general_dilated(x, w[f"{name}.w"], (1,), [(1, 1)],
                                 dimension_numbers=("NWC", "WIO", "NWC"))
    return jax.nn.relu(y + w[f"{name}.b"])


def lstm(w: Weights, name: str, x: Array, reverse: bool) -> Array:
    """One direction over [length, batch, inputs]: h of every step."""
    gates = x @ w[f"{name}.w"] + (w[f"{name}.b"] + w[f"{name}.c"])
    zero = jnp.zeros((x.shape[1], HIDDEN))

    def step(state: tuple[Array, Array], gate: Array) -> tuple[tuple[Array, Array], Array]:
        h, c = state
        i, f, g, o = jnp.split(gate + h @ w[f"{name}.u"], 4, axis=1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        h = jax.nn.sigmoid(o) * jnp.tanh(c)
        return (h, c), h

    unroll = x.shape[0] if given.mode == "unrolled" else 1
    return lax.scan(step, (zero, zero), gates, reverse=reverse, unroll=unroll)[1]


def dropout(key: Array, x: Array, probability: float) -> Array:
    """Inverted dropout."""
    return jnp.where(jax.random.bernoulli(key, 1 - probability, x.shape), x / (1 - probability), 0)


def loss_of(w: Weights, x: Array, y: Array, key: Array) -> Array:
    """Mean cross-entropy of a batch [batch, 40, 4]."""
    x = convolution(w, "conv2", convolution(w, "conv1", x))
    x = x.reshape(x.shape[0], -1, 2, x.shape[2]).max(2).transpose(1, 0, 2)
    both = jax.random.split(key)
    for layer in (0, 1):
        x = jnp.concatenate([lstm(w, f"lstm{layer}{d}", x, reverse=d == 1) for d in (0, 1)], axis=2)
        x = dropout(both[0], x, 0.3) if layer == 0 else x[-1]
    x = dropout(both[1], jax.nn.relu(x @ w["fc1.w"] + w["fc1.b"]), 0.4)
    logits = jax.nn.relu(x @ w["fc2.w"] + w["fc2.b"]) @ w["fc3.w"] + w["fc3.b"]
    return -jnp.take_along_axis(jax.nn.log_softmax(logits), y[:, None], axis=1).mean()


def step(state: Adam, inputs: Array, labels: Array, order: Array, first: Array) -> tuple[Adam, Array]:
    """One update from the examples order[first … + batch)."""
    w, m, v, t = state
    rows = lax.dynamic_slice(order, (first,), (given.batch_size,))
    key = jax.random.fold_in(jax.random.key(1), t)
    loss, g = jax.value_and_grad(loss_of)(w, inputs[rows], labels[rows], key)
    t = t + 1
    m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, g)
    v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, g)
    rate, scale = 5e-4 / (1 - 0.9**t), 1 / (1 - 0.999**t)
    w = jax.tree.map(lambda w, m, v: w - rate * m / (jnp.sqrt(v * scale) + 1e-8), w, m, v)
    return (w, m, v, t), loss


def run(steps: int) -> float:
    """Some steps; returns the last loss, for which it waits."""
    global state, position
    for _ in range(steps):
        first = position % (len(labels) - given.batch_size + 1)
        position += given.batch_size
        state, loss = jitted(state, inputs, labels, order, first)
    return float(loss)


inputs, labels = map(jnp.asarray, training_step.examples(given.model, given.classes))
order = jax.random.permutation(jax.random.key(2), len(labels))
weights = initial_weights(jax.random.key(3))
state = (weights, jax.tree.map(jnp.zeros_like, weights), jax.tree.map(jnp.zeros_like, weights),
         jnp.zeros((), jnp.int32))
position = 0
jitted = jax.jit(step, donate_argnums=0)
training_step.report(
    given, run, program="JAX", version=jax.__version__, device=jax.devices()[0].device_kind,
    parameters=sum(value.size for value in weights.values()))
