import type { Case } from '../case.ts';
import { assignCases } from './assign.ts';
import { dtypeCases } from './dtypes.ts';
import { elementwiseCases } from './elementwise.ts';
import { exactCases, fixtureCases, primitiveCases } from './generic.ts';
import { layoutCases } from './layouts.ts';
import { outputCases } from './outputs.ts';

/** The conformance list, by theme. */
export const cases: Readonly<Record<string, readonly Case[]>> = {
  'elementwise operations': elementwiseCases,
  dtypes: dtypeCases,
  layouts: layoutCases,
  'arguments and results': outputCases,
  assign: assignCases,
  "operations against PyTorch's values": fixtureCases,
  'elementwise operations, to the last digits': exactCases,
  'primitives and their gradients': primitiveCases,
};
