"""PyTorch, eager, on one thread: the programs that tapegrad's are written like."""

import math

import torch
from torch import nn
from torch.nn import functional as F

from measure import run, with_speed

torch.set_num_threads(1)


def tensors(inputs):
    """Ids are int64 here."""
    return [torch.from_numpy(x).long() if x.dtype == 'int32' else torch.from_numpy(x) for x in inputs]


def training(forward, optimizer, y):
    """A training step: cross entropy of the logits that `forward` gives."""

    def step():
        loss = F.cross_entropy(forward(), y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        return [loss.detach().numpy()]

    return step


def loaded(model, weights):
    """A module with the weights of the file."""
    model.load_state_dict({name: torch.from_numpy(w) for name, w in weights.items()})
    return model


def elman(weights, inputs):
    x, y = tensors(inputs)
    w = {name: torch.from_numpy(array).requires_grad_() for name, array in weights.items()}
    h0 = torch.zeros(x.shape[1], w['Whh'].shape[0])

    def forward():
        h = h0
        states = []
        for embedded in F.embedding(x, w['Wxh']).add(w['bh']).unbind(0):
            h = torch.tanh(torch.addmm(embedded, h, w['Whh']))
            states.append(h)
        return torch.addmm(w['by'], torch.cat(states), w['Why'])

    return training(forward, torch.optim.SGD(list(w.values()), lr=0.01), y)


class LanguageModel(nn.Module):
    def __init__(self, V, H):
        super().__init__()
        self.embedding = nn.Embedding(V, H)
        self.rnn = nn.LSTM(H, H)
        self.head = nn.Linear(H, V)

    def forward(self, x):
        return self.head(self.rnn(self.embedding(x))[0].flatten(0, 1))


def lstm(weights, inputs):
    x, y = tensors(inputs)
    model = loaded(LanguageModel(*weights['embedding.weight'].shape), weights)
    return training(lambda: model(x), torch.optim.Adam(model.parameters()), y)


def mlp(weights, inputs):
    x, y = tensors(inputs)
    linears = [nn.Linear(*reversed(weights[f'{i}.weight'].shape)) for i in (0, 2, 4)]
    model = loaded(nn.Sequential(linears[0], nn.ReLU(), linears[1], nn.ReLU(), linears[2]), weights)
    return training(lambda: model(x), torch.optim.Adam(model.parameters()), y)


def lenet(weights, inputs):
    x, y = tensors(inputs)
    model = nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
    )
    loaded(model, weights)
    return training(lambda: model(x), torch.optim.Adam(model.parameters()), y)


class CausalAttention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.project = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)

    def forward(self, x, hidden):
        B, T, width = x.shape
        size = width // self.heads
        q, k, v = self.project(x).reshape(B, T, 3, self.heads, size).permute(2, 0, 3, 1, 4).unbind(0)
        scores = (q @ k.transpose(-2, -1)) * (1 / math.sqrt(size))
        mixed = scores.masked_fill(hidden, -math.inf).softmax(-1) @ v
        return self.out(mixed.permute(0, 2, 1, 3).reshape(B, T, width))


class Block(nn.Module):
    def __init__(self, width, heads, feed_forward):
        super().__init__()
        self.norm1 = nn.LayerNorm(width)
        self.attention = CausalAttention(width, heads)
        self.norm2 = nn.LayerNorm(width)
        self.linear1 = nn.Linear(width, feed_forward)
        self.linear2 = nn.Linear(feed_forward, width)

    def forward(self, x, hidden):
        x = x + self.attention(self.norm1(x), hidden)
        return x + self.linear2(torch.relu(self.linear1(self.norm2(x))))


class Transformer(nn.Module):
    def __init__(self, V, T, width, feed_forward):
        super().__init__()
        self.characters = nn.Embedding(V, width)
        self.places = nn.Embedding(T, width)
        self.blocks = nn.ModuleList(Block(width, 4, feed_forward) for _ in range(2))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, V)

    def forward(self, x, order, hidden):
        h = self.characters(x) + self.places(order)
        for block in self.blocks:
            h = block(h, hidden)
        return self.head(self.norm(h).flatten(0, 1))


def transformer(weights, inputs):
    x, y = tensors(inputs)
    (V, width), (T, _) = weights['characters.weight'].shape, weights['places.weight'].shape
    model = loaded(Transformer(V, T, width, len(weights['blocks.0.linear1.bias'])), weights)
    order = torch.arange(T)
    hidden = torch.ones(T, T, dtype=torch.bool).triu(1)
    return training(lambda: model(x, order, hidden), torch.optim.Adam(model.parameters()), y)


def activate(x, a, b):
    return (a * x + b).tanh()


def chain(_, inputs):
    x, a, b = tensors(inputs)
    return lambda: [activate(x, a, b).numpy()]


def chain_gradient(_, inputs):
    x, a, b = tensors(inputs)
    a.requires_grad_()
    b.requires_grad_()

    def step():
        value = activate(x, a, b).sum()
        return [t.detach().numpy() for t in (value, *torch.autograd.grad(value, (a, b)))]

    return step


A = torch.ones(512, 512)
run(
    with_speed(f'PyTorch {torch.__version__}', lambda: A @ A),
    {
        'elman-a': elman,
        'elman-b': elman,
        'elman-c': elman,
        'lstm': lstm,
        'mlp': mlp,
        'lenet': lenet,
        'transformer': transformer,
        'chain': chain,
        'chain-gradient': chain_gradient,
    }
)
