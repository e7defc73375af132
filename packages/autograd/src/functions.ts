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

/** See {@link Tensor.add}. */
export const add = free(methods.add);
/** See {@link Tensor.sub}. */
export const sub = free(methods.sub);
/** See {@link Tensor.mul}. */
export const mul = free(methods.mul);
/** See {@link Tensor.div}. */
export const div = free(methods.div);
/** See {@link Tensor.pow}. */
export const pow = free(methods.pow);
/** See {@link Tensor.maximum}. */
export const maximum = free(methods.maximum);
/** See {@link Tensor.minimum}. */
export const minimum = free(methods.minimum);
/** See {@link Tensor.atan2}. */
export const atan2 = free(methods.atan2);
/** See {@link Tensor.remainder}. */
export const remainder = free(methods.remainder);
/** See {@link Tensor.eq}. */
export const eq = free(methods.eq);
/** See {@link Tensor.ne}. */
export const ne = free(methods.ne);
/** See {@link Tensor.lt}. */
export const lt = free(methods.lt);
/** See {@link Tensor.le}. */
export const le = free(methods.le);
/** See {@link Tensor.gt}. */
export const gt = free(methods.gt);
/** See {@link Tensor.ge}. */
export const ge = free(methods.ge);
/** See {@link Tensor.logicalAnd}. */
export const logicalAnd = free(methods.logicalAnd);
/** See {@link Tensor.logicalOr}. */
export const logicalOr = free(methods.logicalOr);
/** See {@link Tensor.logicalXor}. */
export const logicalXor = free(methods.logicalXor);
/** See {@link Tensor.logicalNot}. */
export const logicalNot = free(methods.logicalNot);
/** See {@link Tensor.neg}. */
export const neg = free(methods.neg);
/** See {@link Tensor.abs}. */
export const abs = free(methods.abs);
/** See {@link Tensor.sign}. */
export const sign = free(methods.sign);
/** See {@link Tensor.square}. */
export const square = free(methods.square);
/** See {@link Tensor.sqrt}. */
export const sqrt = free(methods.sqrt);
/** See {@link Tensor.rsqrt}. */
export const rsqrt = free(methods.rsqrt);
/** See {@link Tensor.reciprocal}. */
export const reciprocal = free(methods.reciprocal);
/** See {@link Tensor.exp}. */
export const exp = free(methods.exp);
/** See {@link Tensor.expm1}. */
export const expm1 = free(methods.expm1);
/** See {@link Tensor.log}. */
export const log = free(methods.log);
/** See {@link Tensor.log1p}. */
export const log1p = free(methods.log1p);
/** See {@link Tensor.log2}. */
export const log2 = free(methods.log2);
/** See {@link Tensor.log10}. */
export const log10 = free(methods.log10);
/** See {@link Tensor.sin}. */
export const sin = free(methods.sin);
/** See {@link Tensor.cos}. */
export const cos = free(methods.cos);
/** See {@link Tensor.tan}. */
export const tan = free(methods.tan);
/** See {@link Tensor.asin}. */
export const asin = free(methods.asin);
/** See {@link Tensor.acos}. */
export const acos = free(methods.acos);
/** See {@link Tensor.atan}. */
export const atan = free(methods.atan);
/** See {@link Tensor.sinh}. */
export const sinh = free(methods.sinh);
/** See {@link Tensor.cosh}. */
export const cosh = free(methods.cosh);
/** See {@link Tensor.tanh}. */
export const tanh = free(methods.tanh);
/** See {@link Tensor.asinh}. */
export const asinh = free(methods.asinh);
/** See {@link Tensor.acosh}. */
export const acosh = free(methods.acosh);
/** See {@link Tensor.atanh}. */
export const atanh = free(methods.atanh);
/** See {@link Tensor.erf}. */
export const erf = free(methods.erf);
/** See {@link Tensor.sigmoid}. */
export const sigmoid = free(methods.sigmoid);
/** See {@link Tensor.softplus}. */
export const softplus = free(methods.softplus);
/** See {@link Tensor.relu}. */
export const relu = free(methods.relu);
/** See {@link Tensor.floor}. */
export const floor = free(methods.floor);
/** See {@link Tensor.ceil}. */
export const ceil = free(methods.ceil);
/** See {@link Tensor.round}. */
export const round = free(methods.round);
/** See {@link Tensor.trunc}. */
export const trunc = free(methods.trunc);
/** See {@link Tensor.softsign}. */
export const softsign = free(methods.softsign);
/** See {@link Tensor.leakyRelu}. */
export const leakyRelu = free(methods.leakyRelu);
/** See {@link Tensor.elu}. */
export const elu = free(methods.elu);
/** See {@link Tensor.selu}. */
export const selu = free(methods.selu);
/** See {@link Tensor.gelu}. */
export const gelu = free(methods.gelu);
/** See {@link Tensor.silu}. */
export const silu = free(methods.silu);
/** See {@link Tensor.mish}. */
export const mish = free(methods.mish);
/** See {@link Tensor.hardtanh}. */
export const hardtanh = free(methods.hardtanh);
/** See {@link Tensor.hardsigmoid}. */
export const hardsigmoid = free(methods.hardsigmoid);
/** See {@link Tensor.hardswish}. */
export const hardswish = free(methods.hardswish);
/** See {@link Tensor.clamp}. */
export const clamp = free(methods.clamp);
/** See {@link Tensor.isNaN}. */
export const isNaN = free(methods.isNaN);
/** See {@link Tensor.isFinite}. */
export const isFinite = free(methods.isFinite);
/** See {@link Tensor.isInf}. */
export const isInf = free(methods.isInf);
/** See {@link Tensor.maskedFill}. */
export const maskedFill = free(methods.maskedFill);
/** See {@link Tensor.sum}. */
export const sum = free(methods.sum);
/** See {@link Tensor.prod}. */
export const prod = free(methods.prod);
/** See {@link Tensor.mean}. */
export const mean = free(methods.mean);
/** See {@link Tensor.amax}. */
export const amax = free(methods.amax);
/** See {@link Tensor.amin}. */
export const amin = free(methods.amin);
/** See {@link Tensor.max}. */
export const max = free(methods.max);
/** See {@link Tensor.min}. */
export const min = free(methods.min);
/** See {@link Tensor.argmax}. */
export const argmax = free(methods.argmax);
/** See {@link Tensor.argmin}. */
export const argmin = free(methods.argmin);
/** See {@link Tensor.logsumexp}. */
export const logsumexp = free(methods.logsumexp);
/** See {@link Tensor.all}. */
export const all = free(methods.all);
/** See {@link Tensor.any}. */
export const any = free(methods.any);
/** See {@link Tensor.variance}. */
export const variance = free(methods.variance);
/** See {@link Tensor.std}. */
export const std = free(methods.std);
/** See {@link Tensor.norm}. */
export const norm = free(methods.norm);
/** See {@link Tensor.cumsum}. */
export const cumsum = free(methods.cumsum);
/** See {@link Tensor.cumprod}. */
export const cumprod = free(methods.cumprod);
/** See {@link Tensor.softmax}. */
export const softmax = free(methods.softmax);
/** See {@link Tensor.logSoftmax}. */
export const logSoftmax = free(methods.logSoftmax);
/** See {@link Tensor.argsort}. */
export const argsort = free(methods.argsort);
/** See {@link Tensor.sort}. */
export const sort = free(methods.sort);
/** See {@link Tensor.topk}. */
export const topk = free(methods.topk);
/** See {@link Tensor.reshape}. */
export const reshape = free(methods.reshape);
/** See {@link Tensor.flatten}. */
export const flatten = free(methods.flatten);
/** See {@link Tensor.squeeze}. */
export const squeeze = free(methods.squeeze);
/** See {@link Tensor.unsqueeze}. */
export const unsqueeze = free(methods.unsqueeze);
/** See {@link Tensor.permute}. */
export const permute = free(methods.permute);
/** See {@link Tensor.transpose}. */
export const transpose = free(methods.transpose);
/** See {@link Tensor.t}. */
export const t = free(methods.t);
/** See {@link Tensor.expand}. */
export const expand = free(methods.expand);
/** See {@link Tensor.tile}. */
export const tile = free(methods.tile);
/** See {@link Tensor.flip}. */
export const flip = free(methods.flip);
/** See {@link Tensor.roll}. */
export const roll = free(methods.roll);
/** See {@link Tensor.split}. */
export const split = free(methods.split);
/** See {@link Tensor.chunk}. */
export const chunk = free(methods.chunk);
/** See {@link Tensor.unbind}. */
export const unbind = free(methods.unbind);
/** See {@link Tensor.select}. */
export const select = free(methods.select);
/** See {@link Tensor.slice}. */
export const slice = free(methods.slice);
/** See {@link Tensor.narrow}. */
export const narrow = free(methods.narrow);
/** See {@link Tensor.indexSelect}. */
export const indexSelect = free(methods.indexSelect);
/** See {@link Tensor.gather}. */
export const gather = free(methods.gather);
/** See {@link Tensor.scatter}. */
export const scatter = free(methods.scatter);
/** See {@link Tensor.scatterAdd}. */
export const scatterAdd = free(methods.scatterAdd);
/** See {@link Tensor.take}. */
export const take = free(methods.take);
/** See {@link Tensor.embedding}. */
export const embedding = free(methods.embedding);
/** See {@link Tensor.oneHot}. */
export const oneHot = free(methods.oneHot);
/** See {@link Tensor.pad}. */
export const pad = free(methods.pad);
/** See {@link Tensor.matmul}. */
export const matmul = free(methods.matmul);
/** See {@link Tensor.dot}. */
export const dot = free(methods.dot);
/** See {@link Tensor.outer}. */
export const outer = free(methods.outer);
/** See {@link Tensor.linear}. */
export const linear = free(methods.linear);
/** See {@link Tensor.tril}. */
export const tril = free(methods.tril);
/** See {@link Tensor.triu}. */
export const triu = free(methods.triu);
/** See {@link Tensor.diagonal}. */
export const diagonal = free(methods.diagonal);
/** See {@link Tensor.trace}. */
export const trace = free(methods.trace);
/** See {@link Tensor.conv1d}. */
export const conv1d = free(methods.conv1d);
/** See {@link Tensor.conv2d}. */
export const conv2d = free(methods.conv2d);
/** See {@link Tensor.convTranspose2d}. */
export const convTranspose2d = free(methods.convTranspose2d);
/** See {@link Tensor.maxPool1d}. */
export const maxPool1d = free(methods.maxPool1d);
/** See {@link Tensor.maxPool2d}. */
export const maxPool2d = free(methods.maxPool2d);
/** See {@link Tensor.avgPool1d}. */
export const avgPool1d = free(methods.avgPool1d);
/** See {@link Tensor.avgPool2d}. */
export const avgPool2d = free(methods.avgPool2d);
/** See {@link Tensor.adaptiveAvgPool2d}. */
export const adaptiveAvgPool2d = free(methods.adaptiveAvgPool2d);
/** See {@link Tensor.inverse}. */
export const inverse = free(methods.inverse);
/** See {@link Tensor.det}. */
export const det = free(methods.det);
/** See {@link Tensor.solve}. */
export const solve = free(methods.solve);
/** See {@link Tensor.cholesky}. */
export const cholesky = free(methods.cholesky);
/** See {@link Tensor.layerNorm}. */
export const layerNorm = free(methods.layerNorm);
/** See {@link Tensor.rmsNorm}. */
export const rmsNorm = free(methods.rmsNorm);
/** See {@link Tensor.groupNorm}. */
export const groupNorm = free(methods.groupNorm);
/** See {@link Tensor.batchNorm}. */
export const batchNorm = free(methods.batchNorm);
/** See {@link Tensor.scaledDotProductAttention}. */
export const scaledDotProductAttention = free(methods.scaledDotProductAttention);
/** See {@link Tensor.dropout}. */
export const dropout = free(methods.dropout);
/** See {@link Tensor.crossEntropy}. */
export const crossEntropy = free(methods.crossEntropy);
/** See {@link Tensor.nllLoss}. */
export const nllLoss = free(methods.nllLoss);
/** See {@link Tensor.mseLoss}. */
export const mseLoss = free(methods.mseLoss);
/** See {@link Tensor.l1Loss}. */
export const l1Loss = free(methods.l1Loss);
/** See {@link Tensor.smoothL1Loss}. */
export const smoothL1Loss = free(methods.smoothL1Loss);
/** See {@link Tensor.huberLoss}. */
export const huberLoss = free(methods.huberLoss);
/** See {@link Tensor.binaryCrossEntropy}. */
export const binaryCrossEntropy = free(methods.binaryCrossEntropy);
/** See {@link Tensor.binaryCrossEntropyWithLogits}. */
export const binaryCrossEntropyWithLogits = free(methods.binaryCrossEntropyWithLogits);
/** See {@link Tensor.klDiv}. */
export const klDiv = free(methods.klDiv);
/** See {@link Tensor.cosineSimilarity}. */
export const cosineSimilarity = free(methods.cosineSimilarity);
/** See {@link Tensor.clone}. */
export const clone = free(methods.clone);
/** See {@link Tensor.detach}. */
export const detach = free(methods.detach);

/** See {@link Tensor.at}. */
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
 * @throws DTypeError unless the condition is bool.
 */
export function where<C extends Tensor, A extends Tensor | number, B extends Tensor | number>(
  condition: C,
  a: BroadcastArg<C, A>,
  b: BroadcastArg<C, B>,
): Tensor<BroadcastResult<Tensor<BroadcastResult<C, A>>, B>> {
  checkTensor('where', 'the condition', condition);
  return choose(condition, a as Tensor | number, b as Tensor | number);
}

/** The tensors one after the other along `dim` (0 by default); the other dims are the same. */
export function cat<const L extends readonly Tensor[], D extends number = 0>(
  tensors: Chk<CatAll<ShapesOf<L>, NoInfer<D>>, L>,
  dim?: D,
): Tensor<Sh<CatAll<ShapesOf<L>, D>>> {
  return movement.cat(tensors as readonly Tensor[], dim);
}

/** The tensors, all of one shape, along a new `dim` (0 by default). */
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
 */
export function einsum<Spec extends string, const L extends readonly Tensor[]>(
  spec: Chk<Einsum<Spec, ShapesOf<L>>, Spec>,
  ...tensors: L
): Tensor<Sh<Einsum<Spec, ShapesOf<L>>>> {
  return contract(spec, tensors);
}
