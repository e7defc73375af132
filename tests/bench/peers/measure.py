"""What every peer in Python does with its steps: read the data, check, measure, and print JSON."""

import json
import os
import struct
import sys
import time

import numpy as np


def read_data(path):
    """The weights and inputs of a workload, from a safetensors file."""
    with open(path, 'rb') as file:
        bytes_ = file.read()
    start = 8 + struct.unpack('<Q', bytes_[:8])[0]
    weights, inputs = {}, {}
    for key, entry in json.loads(bytes_[8:start]).items():
        if key == '__metadata__':
            continue
        kind, name = key.split(':', 1)
        first, last = entry['data_offsets']
        dtype = {'F32': '<f4', 'I32': '<i4'}[entry['dtype']]
        array = np.frombuffer(bytes_[start + first : start + last], dtype).reshape(entry['shape']).copy()
        (inputs if kind == 'input' else weights)[name] = array
    return weights, [inputs[name] for name in sorted(inputs)]


def median_ms(step):
    """The median ms of a step: warm for half a second, then five rounds or more."""
    start = time.perf_counter()
    calls = 0
    while calls == 0 or time.perf_counter() < start + 0.5:
        step()
        calls += 1
    batch = max(1, round(calls * 0.002 / (time.perf_counter() - start)))
    times = []
    begin = time.perf_counter()
    while len(times) < 5 or (len(times) < 60 and time.perf_counter() < begin + 2):
        first = time.perf_counter()
        for _ in range(batch):
            step()
        times.append((time.perf_counter() - first) * 1000 / batch)
    return sorted(times)[len(times) // 2]


def with_speed(name, product):
    """A library's name with the speed of its matrix products, which tells a fast BLAS from a plain one."""
    return f'{name}, {2 * 512**3 / median_ms(product) / 1e6:.0f} GFLOP/s in products of 512x512'


def run(about, makers):
    """Runs the workloads that the command line names on the files of a folder, and prints
    {about, results: {name: {ms, checks}}}.

    `makers` has, for each name, what makes a step of weights and inputs; a step gives a list of arrays.
    """
    folder, *names = sys.argv[1:]
    results = {}
    for name in names:
        if name in makers:
            step = makers[name](*read_data(os.path.join(folder, f'{name}.safetensors')))
            checks = [float(np.mean(np.asarray(values, np.float64))) for _ in range(3) for values in step()]
            results[name] = {'ms': median_ms(step), 'checks': checks}
    print(json.dumps({'about': about, 'results': results}))
