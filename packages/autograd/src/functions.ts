import type { CatAll, Chk, Einsum, Index as IndexShape, Sh, StackAll } from '@tapegrad/tensor';
import { einsum as contract } from './functional/einsum.ts';
import { type Index, at as pickAt } from './functional/indexing.ts';
import * as movement from './functional/movement.ts';
import { checkTensor, choose } from './functional/operands.ts';
import { Tensor } from './tensor.ts';
import type { AtIndices, BroadcastArg, BroadcastResult, ShapesOf } from './types.ts';

/** A method as a function that takes the tensor first; its types, generic ones too, carry over. */
function free<X, Args extends unknown[], R>(method: (this: X, ...args: Args) => R): (x: X, ...args: Args) => R {
  const { name } = method;
  return (x, ...args) => {
    checkTensor(name, 'the first argument', x);
    return method.apply(x, args);
  };
}

const methods = Tensor.prototype;

/** See {@link Tensor.add}. @function */
export const add = free(methods.add);
/** See {@link Tensor.sub}. @function */
export const sub = free(methods.sub);
/** See {@link Tensor.mul}. @function */
export const mul = free(methods.mul);
/** See {@link Tensor.div}. @function */
export const div = free(methods.div);
/** See {@link Tensor.pow}. @function */
export const pow = free(methods.pow);
/** See {@link Tensor.maximum}. @function */
export const maximum = free(methods.maximum);
/** See {@link Tensor.minimum}. @function */
export const minimum = free(methods.minimum);
/** See {@link Tensor.atan2}. @function */
export const atan2 = free(methods.atan2);
/** See {@link Tensor.remainder}. @function */
export const remainder = free(methods.remainder);
/** See {@link Tensor.eq}. @function */
export const eq = free(methods.eq);
/** See {@link Tensor.ne}. @function */
export const ne = free(methods.ne);
/** See {@link Tensor.lt}. @function */
export const lt = free(methods.lt);
/** See {@link Tensor.le}. @function */
export const le = free(methods.le);
/** See {@link Tensor.gt}. @function */
export const gt = free(methods.gt);
/** See {@link Tensor.ge}. @function */
export const ge = free(methods.ge);
/** See {@link Tensor.logicalAnd}. @function */
export const logicalAnd = free(methods.logicalAnd);
/** See {@link Tensor.logicalOr}. @function */
export const logicalOr = free(methods.logicalOr);
/** See {@link Tensor.logicalXor}. @function */
export const logicalXor = free(methods.logicalXor);
/** See {@link Tensor.logicalNot}. @function */
export const logicalNot = free(methods.logicalNot);
/** See {@link Tensor.neg}. @function */
export const neg = free(methods.neg);
/** See {@link Tensor.abs}. @function */
export const abs = free(methods.abs);
/** See {@link Tensor.sign}. @function */
export const sign = free(methods.sign);
/** See {@link Tensor.square}. @function */
export const square = free(methods.square);
/** See {@link Tensor.sqrt}. @function */
export const sqrt = free(methods.sqrt);
/** See {@link Tensor.rsqrt}. @function */
export const rsqrt = free(methods.rsqrt);
/** See {@link Tensor.reciprocal}. @function */
export const reciprocal = free(methods.reciprocal);
/** See {@link Tensor.exp}. @function */
export const exp = free(methods.exp);
/** See {@link Tensor.expm1}. @function */
export const expm1 = free(methods.expm1);
/** See {@link Tensor.log}. @function */
export const log = free(methods.log);
/** See {@link Tensor.log1p}. @function */
export const log1p = free(methods.log1p);
/** See {@link Tensor.log2}. @function */
export const log2 = free(methods.log2);
/** See {@link Tensor.log10}. @function */
export const log10 = free(methods.log10);
/** See {@link Tensor.sin}. @function */
export const sin = free(methods.sin);
/** See {@link Tensor.cos}. @function */
export const cos = free(methods.cos);
/** See {@link Tensor.tan}. @function */
export const tan = free(methods.tan);
/** See {@link Tensor.asin}. @function */
export const asin = free(methods.asin);
/** See {@link Tensor.acos}. @function */
export const acos = free(methods.acos);
/** See {@link Tensor.atan}. @function */
export const atan = free(methods.atan);
/** See {@link Tensor.sinh}. @function */
export const sinh = free(methods.sinh);
/** See {@link Tensor.cosh}. @function */
export const cosh = free(methods.cosh);
/** See {@link Tensor.tanh}. @function */
export const tanh = free(methods.tanh);
/** See {@link Tensor.asinh}. @function */
export const asinh = free(methods.asinh);
/** See {@link Tensor.acosh}. @function */
export const acosh = free(methods.acosh);
/** See {@link Tensor.atanh}. @function */
export const atanh = free(methods.atanh);
/** See {@link Tensor.erf}. @function */
export const erf = free(methods.erf);
/** See {@link Tensor.sigmoid}. @function */
export const sigmoid = free(methods.sigmoid);
/** See {@link Tensor.softplus}. @function */
export const softplus = free(methods.softplus);
/** See {@link Tensor.relu}. @function */
export const relu = free(methods.relu);
/** See {@link Tensor.floor}. @function */
export const floor = free(methods.floor);
/** See {@link Tensor.ceil}. @function */
export const ceil = free(methods.ceil);
/** See {@link Tensor.round}. @function */
export const round = free(methods.round);
/** See {@link Tensor.trunc}. @function */
export const trunc = free(methods.trunc);
/** See {@link Tensor.softsign}. @function */
export const softsign = free(methods.softsign);
/** See {@link Tensor.leakyRelu}. @function */
export const leakyRelu = free(methods.leakyRelu);
/** See {@link Tensor.elu}. @function */
export const elu = free(methods.elu);
/** See {@link Tensor.selu}. @function */
export const selu = free(methods.selu);
/** See {@link Tensor.gelu}. @function */
export const gelu = free(methods.gelu);
/** See {@link Tensor.silu}. @function */
export const silu = free(methods.silu);
/** See {@link Tensor.mish}. @function */
export const mish = free(methods.mish);
/** See {@link Tensor.hardtanh}. @function */
export const hardtanh = free(methods.hardtanh);
/** See {@link Tensor.hardsigmoid}. @function */
export const hardsigmoid = free(methods.hardsigmoid);
/** See {@link Tensor.hardswish}. @function */
export const hardswish = free(methods.hardswish);
/** See {@link Tensor.clamp}. @function */
export const clamp = free(methods.clamp);
/** See {@link Tensor.isNaN}. @function */
export const isNaN = free(methods.isNaN);
/** See {@link Tensor.isFinite}. @function */
export const isFinite = free(methods.isFinite);
/** See {@link Tensor.isInf}. @function */
export const isInf = free(methods.isInf);
/** See {@link Tensor.maskedFill}. @function */
export const maskedFill = free(methods.maskedFill);
/** See {@link Tensor.sum}. @function */
export const sum = free(methods.sum);
/** See {@link Tensor.prod}. @function */
export const prod = free(methods.prod);
/** See {@link Tensor.mean}. @function */
export const mean = free(methods.mean);
/** See {@link Tensor.amax}. @function */
export const amax = free(methods.amax);
/** See {@link Tensor.amin}. @function */
export const amin = free(methods.amin);
/** See {@link Tensor.max}. @function */
export const max = free(methods.max);
/** See {@link Tensor.min}. @function */
export const min = free(methods.min);
/** See {@link Tensor.argmax}. @function */
export const argmax = free(methods.argmax);
/** See {@link Tensor.argmin}. @function */
export const argmin = free(methods.argmin);
/** See {@link Tensor.logsumexp}. @function */
export const logsumexp = free(methods.logsumexp);
/** See {@link Tensor.all}. @function */
export const all = free(methods.all);
/** See {@link Tensor.any}. @function */
export const any = free(methods.any);
/** See {@link Tensor.variance}. @function */
export const variance = free(methods.variance);
/** See {@link Tensor.std}. @function */
export const std = free(methods.std);
/** See {@link Tensor.norm}. @function */
export const norm = free(methods.norm);
/** See {@link Tensor.cumsum}. @function */
export const cumsum = free(methods.cumsum);
/** See {@link Tensor.cumprod}. @function */
export const cumprod = free(methods.cumprod);
/** See {@link Tensor.softmax}. @function */
export const softmax = free(methods.softmax);
/** See {@link Tensor.logSoftmax}. @function */
export const logSoftmax = free(methods.logSoftmax);
/** See {@link Tensor.argsort}. @function */
export const argsort = free(methods.argsort);
/** See {@link Tensor.sort}. @function */
export const sort = free(methods.sort);
/** See {@link Tensor.topk}. @function */
export const topk = free(methods.topk);
/** See {@link Tensor.reshape}. @function */
export const reshape = free(methods.reshape);
/** See {@link Tensor.flatten}. @function */
export const flatten = free(methods.flatten);
/** See {@link Tensor.squeeze}. @function */
export const squeeze = free(methods.squeeze);
/** See {@link Tensor.unsqueeze}. @function */
export const unsqueeze = free(methods.unsqueeze);
/** See {@link Tensor.permute}. @function */
export const permute = free(methods.permute);
/** See {@link Tensor.transpose}. @function */
export const transpose = free(methods.transpose);
/** See {@link Tensor.t}. @function */
export const t = free(methods.t);
/** See {@link Tensor.expand}. @function */
export const expand = free(methods.expand);
/** See {@link Tensor.tile}. @function */
export const tile = free(methods.tile);
/** See {@link Tensor.flip}. @function */
export const flip = free(methods.flip);
/** See {@link Tensor.roll}. @function */
export const roll = free(methods.roll);
/** See {@link Tensor.split}. @function */
export const split = free(methods.split);
/** See {@link Tensor.chunk}. @function */
export const chunk = free(methods.chunk);
/** See {@link Tensor.unbind}. @function */
export const unbind = free(methods.unbind);
/** See {@link Tensor.select}. @function */
export const select = free(methods.select);
/** See {@link Tensor.slice}. @function */
export const slice = free(methods.slice);
/** See {@link Tensor.narrow}. @function */
export const narrow = free(methods.narrow);
/** See {@link Tensor.indexSelect}. @function */
export const indexSelect = free(methods.indexSelect);
/** See {@link Tensor.gather}. @function */
export const gather = free(methods.gather);
/** See {@link Tensor.scatter}. @function */
export const scatter = free(methods.scatter);
/** See {@link Tensor.scatterAdd}. @function */
export const scatterAdd = free(methods.scatterAdd);
/** See {@link Tensor.take}. @function */
export const take = free(methods.take);
/** See {@link Tensor.embedding}. @function */
export const embedding = free(methods.embedding);
/** See {@link Tensor.oneHot}. @function */
export const oneHot = free(methods.oneHot);
/** See {@link Tensor.pad}. @function */
export const pad = free(methods.pad);
/** See {@link Tensor.matmul}. @function */
export const matmul = free(methods.matmul);
/** See {@link Tensor.dot}. @function */
export const dot = free(methods.dot);
/** See {@link Tensor.outer}. @function */
export const outer = free(methods.outer);
/** See {@link Tensor.linear}. @function */
export const linear = free(methods.linear);
/** See {@link Tensor.tril}. @function */
export const tril = free(methods.tril);
/** See {@link Tensor.triu}. @function */
export const triu = free(methods.triu);
/** See {@link Tensor.diagonal}. @function */
export const diagonal = free(methods.diagonal);
/** See {@link Tensor.trace}. @function */
export const trace = free(methods.trace);
/** See {@link Tensor.conv1d}. @function */
export const conv1d = free(methods.conv1d);
/** See {@link Tensor.conv2d}. @function */
export const conv2d = free(methods.conv2d);
/** See {@link Tensor.convTranspose2d}. @function */
export const convTranspose2d = free(methods.convTranspose2d);
/** See {@link Tensor.maxPool1d}. @function */
export const maxPool1d = free(methods.maxPool1d);
/** See {@link Tensor.maxPool2d}. @function */
export const maxPool2d = free(methods.maxPool2d);
/** See {@link Tensor.avgPool1d}. @function */
export const avgPool1d = free(methods.avgPool1d);
/** See {@link Tensor.avgPool2d}. @function */
export const avgPool2d = free(methods.avgPool2d);
/** See {@link Tensor.adaptiveAvgPool2d}. @function */
export const adaptiveAvgPool2d = free(methods.adaptiveAvgPool2d);
/** See {@link Tensor.inverse}. @function */
export const inverse = free(methods.inverse);
/** See {@link Tensor.det}. @function */
export const det = free(methods.det);
/** See {@link Tensor.solve}. @function */
export const solve = free(methods.solve);
/** See {@link Tensor.cholesky}. @function */
export const cholesky = free(methods.cholesky);
/** See {@link Tensor.layerNorm}. @function */
export const layerNorm = free(methods.layerNorm);
/** See {@link Tensor.rmsNorm}. @function */
export const rmsNorm = free(methods.rmsNorm);
/** See {@link Tensor.groupNorm}. @function */
export const groupNorm = free(methods.groupNorm);
/** See {@link Tensor.batchNorm}. @function */
export const batchNorm = free(methods.batchNorm);
/** See {@link Tensor.scaledDotProductAttention}. @function */
export const scaledDotProductAttention = free(methods.scaledDotProductAttention);
/** See {@link Tensor.dropout}. @function */
export const dropout = free(methods.dropout);
/** See {@link Tensor.crossEntropy}. @function */
export const crossEntropy = free(methods.crossEntropy);
/** See {@link Tensor.nllLoss}. @function */
export const nllLoss = free(methods.nllLoss);
/** See {@link Tensor.mseLoss}. @function */
export const mseLoss = free(methods.mseLoss);
/** See {@link Tensor.l1Loss}. @function */
export const l1Loss = free(methods.l1Loss);
/** See {@link Tensor.smoothL1Loss}. @function */
export const smoothL1Loss = free(methods.smoothL1Loss);
/** See {@link Tensor.huberLoss}. @function */
export const huberLoss = free(methods.huberLoss);
/** See {@link Tensor.binaryCrossEntropy}. @function */
export const binaryCrossEntropy = free(methods.binaryCrossEntropy);
/** See {@link Tensor.binaryCrossEntropyWithLogits}. @function */
export const binaryCrossEntropyWithLogits = free(methods.binaryCrossEntropyWithLogits);
/** See {@link Tensor.klDiv}. @function */
export const klDiv = free(methods.klDiv);
/** See {@link Tensor.cosineSimilarity}. @function */
export const cosineSimilarity = free(methods.cosineSimilarity);
/** See {@link Tensor.clone}. @function */
export const clone = free(methods.clone);
/** See {@link Tensor.detach}. @function */
export const detach = free(methods.detach);

/** See {@link Tensor.at}. @function */
export const at = <X extends Tensor, const I extends readonly Index[]>(
  x: X,
  ...indices: AtIndices<X, I>
): Tensor<Sh<IndexShape<X['shape'], I>>> => {
  checkTensor('at', 'the first argument', x);
  return pickAt(x, indices as readonly Index[]);
};

/**
 * condition ? a : b, element by element; all three broadcast, and numbers may stand for a and b.
 *
 * @throws DTypeError unless the condition is bool; ShapeError where the shapes do not broadcast.
 * @example
 * ```ts
 * where(x.gt(0), x, 0); // relu
 * ```
 */
export function where<C extends Tensor, A extends Tensor | number, B extends Tensor | number>(
  condition: C,
  a: BroadcastArg<C, A>,
  b: BroadcastArg<C, B>,
): Tensor<BroadcastResult<Tensor<BroadcastResult<C, A>>, B>> {
  checkTensor('where', 'the condition', condition);
  return choose(condition, a as Tensor | number, b as Tensor | number);
}

/**
 * The tensors one after the other along `dim` (0 by default): [2, 3] and [4, 3] give [6, 3].
 *
 * @throws ShapeError where other dims differ; ArgumentError for an empty list.
 */
export function cat<const L extends readonly Tensor[], D extends number = 0>(
  tensors: Chk<CatAll<ShapesOf<L>, NoInfer<D>>, L>,
  dim?: D,
): Tensor<Sh<CatAll<ShapesOf<L>, D>>> {
  return movement.cat(tensors as readonly Tensor[], dim);
}

/**
 * The tensors, all of one shape, along a new `dim` (0 by default): two of [3] give [2, 3].
 *
 * @throws ShapeError where shapes differ; ArgumentError for an empty list.
 */
export function stack<const L extends readonly Tensor[], D extends number = 0>(
  tensors: Chk<StackAll<ShapesOf<L>, NoInfer<D>>, L>,
  dim?: D,
): Tensor<Sh<StackAll<ShapesOf<L>, D>>> {
  return movement.stack(tensors as readonly Tensor[], dim);
}

/**
 * Products of tensors whose dims are named by letters, summed over the letters that the output does not have: 'ij,jk->ik'
 * is a matrix product, 'bij,bjk->bik' one for each b, 'ii->i' a diagonal, 'ij->' a sum. Without '->' the output has the
 * letters that stand once, in alphabetical order. '...' stands for dims that are not named, which broadcast, and comes
 * first in an output that is not given. Dims of size 1 broadcast too.
 *
 * @throws ArgumentError for a specification that says nothing; ShapeError where the tensors do not fit it.
 * @example
 * ```ts
 * einsum('bij,bjk->bik', a, b); // a product of matrices for each b
 * einsum('i,j->ij', v, w); // an outer product
 * einsum('ii', m); // the trace
 * ```
 */
export function einsum<Spec extends string, const L extends readonly Tensor[]>(
  spec: Chk<Einsum<Spec, ShapesOf<L>>, Spec>,
  ...tensors: L
): Tensor<Sh<Einsum<Spec, ShapesOf<L>>>> {
  return contract(spec, tensors);
}
