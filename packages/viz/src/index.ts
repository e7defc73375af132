export { profilePage } from './flame/page.ts';
export { flameGraph } from './flame/svg.ts';
export { graphSvg } from './graph/draw.ts';
export { graphPage, type PageOptions } from './graph/page.ts';
