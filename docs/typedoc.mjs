// A plugin of typedoc. A function that is a method gets the method's documentation, and whatever has no category of its own
// that of the file it is written in, or of its name.
import { CommentTag, Converter, ReflectionKind } from 'typedoc';

/** By file, below packages/. */
const files = {
  'autograd/src/create': 'Creation',
  'autograd/src/methods/base': 'Values',
  'autograd/src/methods/comparison': 'Comparison',
  'autograd/src/methods/elementwise': 'Elementwise',
  'autograd/src/methods/activation': 'Activation',
  'autograd/src/methods/reduction': 'Reduction',
  'autograd/src/methods/movement': 'Movement',
  'autograd/src/methods/picking': 'Picking',
  'autograd/src/methods/linear': 'Linear algebra',
  'autograd/src/methods/convolution': 'Convolution and pooling',
  'autograd/src/methods/normalization': 'Normalisation',
  'autograd/src/methods/network': 'Networks',
  'autograd/src/methods/loss': 'Losses',
  'autograd/src/functional/': 'Types',
  'autograd/src/types': 'Types',
  'autograd/src/profile': 'Tools',
  'autograd/src/trace': 'Tools',
  'autograd/src/anomaly': 'Tools',
  'autograd/src/gradcheck': 'Tools',
  'autograd/src/': 'Gradients',
  'compile/': 'Tools',
  'graph/': 'Tools',
  'viz/': 'Pictures',
  'wasm/': 'Tools',
  'tensor/src/errors': 'Errors',
  'tensor/src/random': 'Creation',
  'tensor/': 'Types',
  'nn/src/module': 'Modules',
  'nn/src/parameter': 'Modules',
  'nn/src/containers': 'Modules',
  'nn/src/summary': 'Summary',
  'nn/src/activation': 'Activation',
  'nn/src/attention': 'Attention',
  'nn/src/transformer': 'Attention',
  'nn/src/cells': 'Recurrent',
  'nn/src/recurren': 'Recurrent',
  'nn/src/rnn': 'Recurrent',
  'nn/src/batch-norm': 'Normalisation',
  'nn/src/norm': 'Normalisation',
  'nn/src/convolution': 'Convolution and pooling',
  'nn/src/pooling': 'Convolution and pooling',
  'nn/src/init': 'Initialisers',
  'nn/': 'Linear, embedding, dropout',
  'optim/src/schedule/': 'Schedules',
  'optim/src/clip': 'Clipping',
  'optim/src/group': 'Parameters and state',
  'optim/src/parameters': 'Parameters and state',
  'optim/src/state': 'Parameters and state',
  'optim/': 'Optimisers',
  'io/src/safetensors/': 'safetensors',
  'io/src/npy/': 'npy',
  'io/src/npz/': 'npz',
  'io/': 'Options',
  'data/src/vocabulary': 'Text',
  'data/src/windows': 'Text',
  'data/': 'Batches',
};

/** By name, of what a file has beside what it is for. */
const names = {
  Tensor: 'Tensor',
  Comparison: 'isNaN isFinite isInf',
  Arithmetic: 'add sub mul div pow maximum minimum remainder neg abs sign square clamp floor ceil round trunc',
  Activation: 'tanh sigmoid softplus relu softmax logSoftmax',
  Picking: 'where maskedFill at',
  Movement: 'cat stack',
  'Linear algebra': 'einsum',
  Networks: 'embedding',
  Values: 'clone detach',
  Gradients: 'requiresGrad isLeaf grad backward zeroGrad registerHook retainGrad checkpoint',
  Types: 'CreateOptions RandomOptions GradientsOf GradOptions GradientHook RemovableHook OpDefinition Checkpointed',
};
const named = new Map(
  Object.entries(names).flatMap(([category, list]) => list.split(' ').map(name => [name, category])),
);

/** What the site calls the pages that have no title in their front matter. */
const titles = {
  'examples/README': 'Lessons',
  'examples/04-char-rnn/README': 'The character network',
  'examples/browser/README': 'A page that trains',
  PERFORMANCE: 'Performance',
  CONTRIBUTING: 'Contributing',
  CHANGELOG: 'Changelog',
};

const fileOf = (project, reflection) => {
  const symbol = project.getSymbolIdFromReflection(reflection);
  return symbol === undefined ? '' : `${symbol.packageName.replace('@tapegrad/', '')}/${symbol.packagePath}`;
};

/** The category of what a class, a namespace or the package has; that of its method for a function that is one. */
function categoryOf(project, reflection) {
  if (reflection.kindOf(ReflectionKind.Namespace)) return 'Packages';
  const file = fileOf(project, reflection);
  const method = file.startsWith('autograd/src/functions')
    ? project.getChildByName('Tensor').getChildByName(reflection.name)
    : undefined;
  const own = file.startsWith('autograd/') ? named.get(reflection.name) : undefined;
  const start = fileOf(project, method ?? reflection);
  return own ?? files[Object.keys(files).find(name => start.startsWith(name))];
}

/** What is not documented stays without a comment, so that it is noticed. */
function categorize(project, child) {
  const category = categoryOf(project, child);
  const comment = child.comment ?? child.signatures?.[0].comment ?? child.getSignature?.comment;
  if (category !== undefined) comment?.blockTags.push(new CommentTag('@category', [{ kind: 'text', text: category }]));
}

/** The name of the method that a comment refers to and says no more: `See {@link Tensor.add}.` */
function methodOf(comment) {
  const [see, link] = comment?.summary ?? [];
  return see?.text === 'See ' && link?.text?.startsWith('Tensor.') ? link.text.slice('Tensor.'.length) : undefined;
}

/** Puts the documentation of a method before the link to it, and its parameters in the place of `...args`. */
function adopt(project, signature, method) {
  const { comment, parameters } = method.signatures[0];
  const told = comment.clone();
  told.summary.push({ kind: 'text', text: '\n\n' }, ...signature.comment.summary);
  signature.comment = told;
  const [x, args] = signature.parameters;
  if (args?.name !== 'args') return;
  project.removeReflection(args);
  signature.parameters = [x, ...parameters.filter(({ name }) => name !== 'this')];
}

export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    const tensor = project.getChildByName('Tensor');
    for (const { signatures = [] } of project.getReflectionsByKind(ReflectionKind.Function))
      for (const signature of signatures) {
        const name = methodOf(signature.comment);
        if (name !== undefined) adopt(project, signature, tensor.getChildByName(name));
      }
  });
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => {
    for (const document of project.documents ?? []) {
      document.frontmatter.category ??= 'Documentation';
      document.name = titles[document.name] ?? document.name;
    }
    const { Class, Namespace } = ReflectionKind;
    for (const parent of [project, ...project.getReflectionsByKind(Namespace)])
      for (const child of parent.children) categorize(project, child);
    for (const { children = [] } of project.getReflectionsByKind(Class))
      for (const child of children)
        if (fileOf(project, child).startsWith('autograd/src/methods/')) categorize(project, child);
  });
}
