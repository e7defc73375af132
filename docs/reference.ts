/**
 * Pages and pictures, of the package `@tapegrad/viz`, which is installed beside `tapegrad` and is no part of it:
 * `import { graphPage } from '@tapegrad/viz'`.
 */
export * as viz from '@tapegrad/viz';
export * from 'tapegrad';
