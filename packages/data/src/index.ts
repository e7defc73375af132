export {
  type BatchOf,
  type Dataset,
  type Example,
  type Stacked,
  TensorDataset,
} from './dataset.ts';
export { DataLoader, type DataLoaderOptions, type LoaderState } from './loader.ts';
export { Vocabulary } from './vocabulary.ts';
export { type WindowsOptions, windows } from './windows.ts';
