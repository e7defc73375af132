import * as functions from '@tapegrad/autograd';
import { type Tensor, tensor } from '@tapegrad/autograd';
import type { DType } from '@tapegrad/tensor';
import { everyTorch } from '../../fixtures/read.ts';

/** A tensor that PyTorch had. */
export interface Stored {
  readonly shape: number[];
  readonly dtype: DType;
  readonly data: (number | string)[];
}

/** A call of an operation, and what PyTorch makes of it; tests/fixtures/torch/cases.py says what the fields mean. */
export interface Fixture {
  readonly op: string;
  readonly note?: string;
  readonly args: unknown[];
  readonly inputs: Stored[];
  readonly outputs: Stored[];
  readonly grads?: ((number | string)[] | null)[];
  readonly fixed?: number[];
  readonly tolerance?: number;
}

interface File {
  readonly torch: string;
  readonly cases: Fixture[];
}

/** Every file of reference values that holds calls of operations. */
export const fixtureFiles: readonly File[] = (await everyTorch()).filter(file => 'cases' in file);

/** The calls of all files. */
export const fixtures: readonly Fixture[] = fixtureFiles.flatMap(({ cases }) => cases);

/** The numbers of a stored tensor, those that JSON does not have too. */
export const numbersOf = ({ data }: Stored): number[] => data.map(Number);

export const load = (stored: Stored): Tensor => tensor(numbersOf(stored), { dtype: stored.dtype, shape: stored.shape });

/** An argument with the inputs and the numbers that JSON does not have put in. */
function argument(value: any, inputs: readonly Tensor[]): unknown {
  if (Array.isArray(value)) return value.map(part => argument(part, inputs));
  if (typeof value !== 'object' || value === null) return value;
  if ('skip' in value) return undefined;
  if ('input' in value) return inputs[value.input];
  if ('number' in value) return Number(value.number);
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, argument(part, inputs)]));
}

/** Those that take a list of tensors, or something else, before the first of them. */
const withoutMethod: { readonly [op: string]: (inputs: readonly Tensor[], args: readonly unknown[]) => unknown[] } = {
  cat: (inputs, args) => [inputs, ...args],
  stack: (inputs, args) => [inputs, ...args],
  einsum: (inputs, [spec, ...args]) => [spec, ...inputs, ...args],
  where: ([x], args) => [x, ...args],
};

/** What the operation of a fixture gives, as a list: by its method, or by the function of its name. */
export function call({ op, args }: Fixture, inputs: readonly Tensor[], by: 'method' | 'function'): Tensor[] {
  const given = args.map(value => argument(value, inputs));
  const [x] = inputs;
  const result =
    op in withoutMethod
      ? (functions as any)[op](...withoutMethod[op](inputs, given))
      : by === 'method'
        ? (x as any)[op](...given)
        : (functions as any)[op](x, ...given);
  if ('values' in result && 'indices' in result) return [result.values, result.indices];
  return Array.isArray(result) ? result : [result];
}
