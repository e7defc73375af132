"""The Elman language model in NumPy, its backpropagation through time written by hand, in float32."""

import numpy as np

from measure import run, with_speed


def elman(weights, inputs):
    """The step: forward and backward over batches, then gradient descent.

    Whatever does not wait for the step before is one product over all steps: the logits, and the gradients of weights.
    """
    Wxh, Whh, bh, Why, by = (weights[name] for name in ('Wxh', 'Whh', 'bh', 'Why', 'by'))
    x, y = inputs
    T, B = x.shape
    V, H = Wxh.shape
    rows = np.arange(T * B)
    read = np.eye(V, dtype=np.float32)[x.reshape(-1)]
    lr = np.float32(0.01)

    def step():
        h = np.zeros((T + 1, B, H), np.float32)
        embedded = (Wxh + bh)[x]
        for t in range(T):
            np.tanh(embedded[t] + h[t] @ Whh, out=h[t + 1])
        states = h[1:].reshape(T * B, H)
        logits = states @ Why + by
        logits -= logits.max(1, keepdims=True)
        p = np.exp(logits)
        sums = p.sum(1, keepdims=True)
        loss = (np.log(sums[:, 0]) - logits[rows, y]).mean()

        p /= sums
        p[rows, y] -= 1
        p /= T * B
        dh = (p @ Why.T).reshape(T, B, H)
        slope = 1 - h[1:] ** 2
        dz = np.empty((T, B, H), np.float32)
        carried = np.zeros((B, H), np.float32)
        for t in reversed(range(T)):
            np.multiply(dh[t] + carried, slope[t], out=dz[t])
            carried = dz[t] @ Whh.T
        flat = dz.reshape(T * B, H)

        for weight, gradient in (
            (Why, states.T @ p),
            (by, p.sum(0)),
            (Wxh, read.T @ flat),
            (Whh, h[:-1].reshape(T * B, H).T @ flat),
            (bh, flat.sum(0)),
        ):
            weight -= lr * gradient
        return [loss]

    return step


A = np.ones((512, 512), np.float32)
about = with_speed(f'NumPy {np.__version__}', lambda: A @ A)
run(about, {'elman-a': elman, 'elman-b': elman, 'elman-c': elman})
