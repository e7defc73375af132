"""The model of lesson 9 on PyTorch's side.

    python3 model.py make            train it, and write model.safetensors and check.safetensors beside this script
    python3 model.py read FOLDER     load what the lesson saved in FOLDER, and hold PyTorch's outputs against the lesson's

It wants PyTorch alone (on Debian: apt-get install python3-torch). The functions save and load are those that the package
safetensors calls save_file and load_file, written out here in a few lines, as the format says.
"""

import json
import math
import pathlib
import struct
import sys

import torch
from torch import nn

here = pathlib.Path(__file__).parent


class Waves(nn.Module):
    """Reads 24 steps of a wave, [batch, 24, 1], and says which form it has: logits, [batch, classes]."""

    def __init__(self, classes):
        super().__init__()
        self.gru = nn.GRU(1, 16, batch_first=True)
        self.head = nn.Linear(16, classes)

    def forward(self, x):
        outputs, _ = self.gru(x)
        return self.head(outputs[:, -1])


def waves(n):
    """Sines, squares and sawtooths in turns, of any height, period and phase, and some noise."""
    labels = torch.arange(n) % 3
    period = 6 + 8 * torch.rand(n, 1)
    turns = torch.rand(n, 1) + torch.arange(24) / period
    sine = torch.sin(2 * math.pi * turns)
    forms = torch.stack([sine, sine.sign(), 2 * (turns % 1) - 1])
    exact = forms[labels, torch.arange(n)] * (0.7 + 0.6 * torch.rand(n, 1))
    return (exact + 0.05 * torch.randn(n, 24)).unsqueeze(-1), labels


def save(path, tensors):
    header, data = {}, b""
    for name, x in sorted(tensors.items()):
        content = x.detach().float().contiguous().numpy().tobytes()
        header[name] = {"dtype": "F32", "shape": list(x.shape), "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def load(path):
    content = path.read_bytes()
    start = 8 + struct.unpack_from("<Q", content)[0]
    tensors = {}
    for name, info in json.loads(content[8:start]).items():
        if name != "__metadata__":
            begin, end = info["data_offsets"]
            tensors[name] = torch.frombuffer(bytearray(content[start + begin : start + end]), dtype=torch.float32)
            tensors[name] = tensors[name].reshape(info["shape"])
    return tensors


def make():
    torch.manual_seed(9)
    model = Waves(3)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    for step in range(200):
        x, labels = waves(32)
        loss = nn.functional.cross_entropy(model(x), labels)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1)
        optimizer.step()
    x, labels = waves(600)
    print(f"loss {loss.item():.4f}, {(model(x).argmax(1) == labels).float().mean().item():.1%} of 600 unseen waves right")
    save(here / "model.safetensors", model.state_dict())
    save(here / "check.safetensors", {"inputs": x[:12], "outputs": model(x[:12])})


def read(folder):
    weights, check = load(folder / "model.safetensors"), load(folder / "check.safetensors")
    model = Waves(len(weights["head.bias"]))
    model.load_state_dict(weights)  # strict: the same names and shapes on both sides
    difference = (model(check["inputs"]) - check["outputs"]).abs().max().item()
    print(f"PyTorch {torch.__version__} loads it; its outputs differ from the lesson's by at most {difference:.1e}")
    assert difference < 1e-4


if sys.argv[1:] == ["make"]:
    make()
elif sys.argv[1:2] == ["read"] and len(sys.argv) == 3:
    read(pathlib.Path(sys.argv[2]))
else:
    sys.exit(__doc__)
