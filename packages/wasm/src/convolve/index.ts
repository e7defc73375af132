export { type Columns, emitColumns } from './columns.ts';
