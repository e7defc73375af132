export { profilePage } from './flame/page.ts';
export { flameGraph } from './flame/svg.ts';
export { graphSvg } from './graph/draw.ts';
export { graphPage } from './graph/page.ts';
export type { PageOptions } from './html.ts';
