import type { Case } from '../case.ts';
import { algebraCases } from './algebra.ts';
import { assignCases } from './assign.ts';
import { attentionCases } from './attention.ts';
import { derivativeCases } from './derivatives.ts';
import { dtypeCases } from './dtypes.ts';
import { elementwiseCases } from './elementwise.ts';
import { exactCases, fixtureCases, primitiveCases } from './generic.ts';
import { gradientCases } from './gradients.ts';
import { layerCases } from './layers.ts';
import { layoutCases } from './layouts.ts';
import { lossCases } from './losses.ts';
import { matrixCases } from './matrices.ts';
import { normalizationCases } from './normalization.ts';
import { optimizerCases } from './optimizers.ts';
import { outputCases } from './outputs.ts';
import { pickingCases } from './picking.ts';
import { randomCases } from './random.ts';
import { reductionCases } from './reductions.ts';
import { stateCases } from './state.ts';
import { trainingCases } from './training.ts';

/** The conformance list, by theme. */
export const cases: Readonly<Record<string, readonly Case[]>> = {
  'elementwise operations': elementwiseCases,
  dtypes: dtypeCases,
  layouts: layoutCases,
  reductions: reductionCases,
  'parts and ids': pickingCases,
  matrices: matrixCases,
  'sums of products, equations and losses of probabilities': algebraCases,
  losses: lossCases,
  normalisation: normalizationCases,
  'arguments and results': outputCases,
  assign: assignCases,
  gradients: gradientCases,
  'derivatives of every kind': derivativeCases,
  'random numbers': randomCases,
  layers: layerCases,
  attention: attentionCases,
  training: trainingCases,
  'optimisers and their schedules': optimizerCases,
  'what lives on between calls': stateCases,
  "operations against PyTorch's values": fixtureCases,
  'elementwise operations, to the last digits': exactCases,
  'primitives and their gradients': primitiveCases,
};
