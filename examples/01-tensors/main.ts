// Lesson 1: tensors.
//
// A tensor is a block of numbers with a shape and a dtype. Operations are methods (each is a function of the same name,
// too) and return new tensors; nothing is changed under your hands, and nothing has to be freed.

import {
  arange,
  eye,
  full,
  Generator,
  linspace,
  manualSeed,
  randint,
  randn,
  ShapeError,
  type Tensor,
  tensor,
  zeros,
} from 'tapegrad';

const title = (text: string) => console.log(`\n── ${text} ${'─'.repeat(74 - text.length)}`);
const show = (label: string, value: unknown) => console.log(`${label}\n${String(value).replace(/^/gm, '    ')}`);

title('Creating');

// From plain arrays. The compiler reads the shape off the brackets: hover over `a` and it says Tensor<[2, 3]>.
const a = tensor([
  [1, 2, 3],
  [4, 5, 6],
]);
show(`a, of shape [${a.shape.join(', ')}], ${a.ndim} dims, ${a.size} elements, ${a.dtype}`, a);
show('zeros([2, 3]), full([3], 0.5) and eye(3)', [zeros([2, 3]), full([3], 0.5), eye(3)].join('\n'));
show('arange(2, 14, 3) and linspace(0, 1, 5)', [arange(2, 14, 3), linspace(0, 1, 5)].join('\n'));

title('Dtypes');

// float32 is home; whoever needs more digits, ids or truth values asks for them. `to` converts.
const tenths = [0.1, 0.2];
show(
  '0.1 + 0.2 in float32 and in float64',
  [tensor(tenths), tensor(tenths, { dtype: 'float64' })].map(t => t.sum().item()).join('\n'),
);
show('a comparison gives bool', a.gt(2));
show('to int32 cuts off the fraction', tensor([-1.7, 0.2, 2.9]).to('int32'));

title('Broadcasting');

// Shapes are lined up at their last dim; a dim that is 1, or missing, is repeated. A number goes with every shape.
const row = tensor([10, 20, 30]);
const column = tensor([[100], [200]]);
show('a + row: [2, 3] and [3]', a.add(row));
show('row + column: [3] and [2, 1] make [2, 3]', row.add(column));
show('2 a - 1', a.mul(2).sub(1));

title('Indexing and views');

// `at` takes one index per axis: a position, [start, stop, step] ([] is all of it), null for a new axis, ids, a mask.
show('the first row, the last column', [a.at(0), a.at([], -1)].join('\n'));
show('every second column', a.at([], [0, undefined, 2]));
show('rows by their ids', a.at(tensor([1, 0, 1], { dtype: 'int32' })));
show('the elements above 2', a.at(a.gt(2)));

// A part, a transpose, a reshape are views: no number is copied. `assign`, the one method that overwrites, shows it.
const counts = zeros([2, 3]);
counts.at(1, [1]).assign(7);
show('counts, after its view counts.at(1, [1]) was assigned 7', counts);
show('the same six numbers in another order, and in another shape', [a.t(), a.reshape([3, -1])].join('\n'));

title('Reductions and products');

// Along a dim, which goes away (or stays as 1, with keepdim, so that the result broadcasts against where it came from).
show('sum of all, per column, per row', [a.sum(), a.sum(0), a.sum(1)].join('\n'));
show('each row as shares of its sum', a.div(a.sum(1, { keepdim: true })));
show('the largest of each row, and where it is', [a.max(1), a.argmax(1)].join('\n'));
show('a @ aᵀ: [2, 3] @ [3, 2]', a.matmul(a.t()));

title('Random numbers');

// The same seed gives the same numbers on every machine. A Generator is a stream of your own.
manualSeed(42);
show('three normals, and two throws of a die', [randn([3]), randint(1, 7, [2])].join('\n'));
manualSeed(42);
show('the same seed, the same normals', randn([3]));
show('from a generator of its own', randn([3], { generator: new Generator('my experiment') }));
show('large tensors are printed by their corners', randn([200, 300]));

title('What the compiler catches');

// Shapes are types. Remove @ts-expect-error, and the editor underlines `zeros([4, 4])` and says what stands behind it.
try {
  // @ts-expect-error matmul: inner dimensions differ, 3 vs 4, in [2, 3] @ [4, 4]
  a.matmul(zeros([4, 4]));
} catch (error) {
  // The same check runs when the program does, for sizes that are known only then.
  if (error instanceof ShapeError) show('at run time it is an error, too', error);
}

// A size that nobody knows yet is `number`, and goes with everything; what is known is still checked.
const centre = (points: Tensor<[number, 3]>) => points.sub(points.mean(0));
show('the rows of a, centred', centre(a));
// (a.t() is [3, 2]: it would run, but is not what the signature asks for.)
// @ts-expect-error Type '2' is not assignable to type '3'
show('those of aᵀ are not, says the compiler', centre(a.t()));

// A variable whose shape changes is declared as plain Tensor, of which the compiler knows nothing and allows all.
let t: Tensor = a;
for (let i = 0; i < 3; i++) t = t.unsqueeze(0);
show('a with three more dims', `[${t.shape.join(', ')}]`);

title('Back to plain data');

const [first, second]: number[][] = a.toArray();
show('nested arrays', JSON.stringify([second, first]));
show('one number', a.mean().item());
show('the flat typed array behind it', `${a.data.constructor.name} [${a.data}]`);
for (const part of a) show('a tensor iterates over its first dim', part);
