// node names.mjs, here, after npm ci: the public names of TensorFlow.js that the guide for those who come from it speaks of,
// as ../../fixtures/tfjs.json, which its tables are held against.
import { writeFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';

// What the first words of a name in the guide stand for.
const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] });
model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
const roots = {
  tf,
  'tf.train': tf.train,
  'tf.layers': tf.layers,
  'tf.losses': tf.losses,
  'tf.initializers': tf.initializers,
  'tf.data': tf.data,
  'tf.io': tf.io,
  'tf.linalg': tf.linalg,
  'tf.image': tf.image,
  x: tf.tensor([1]),
  variable: tf.variable(tf.tensor([1])),
  model,
  optimizer: tf.train.sgd(0.1),
  dataset: tf.data.array([1]),
};

/** The names of an object, and of the classes that it is of. */
function namesOf(object) {
  const names = new Set();
  for (let at = object; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at))
    for (const name of Object.getOwnPropertyNames(at)) if (/^[a-z]/i.test(name)) names.add(name);
  return [...names].sort();
}

const lines = Object.entries(roots).map(([root, of]) => `    ${JSON.stringify(root)}: ${JSON.stringify(namesOf(of))}`);
const text = `{\n  "tfjs": ${JSON.stringify(tf.version.tfjs)},\n  "names": {\n${lines.join(',\n')}\n  }\n}\n`;
writeFileSync(new URL('../../fixtures/tfjs.json', import.meta.url), text);
