/** Three digits and a prefix: `1.23M`; with a gap between the two where it is given. */
export function short(n: number, gap = ''): string {
  const rounded = Number(n.toPrecision(3));
  const power = rounded < 1000 ? 0 : Math.floor(Math.log10(rounded) / 3);
  return power === 0 ? String(rounded) : `${(rounded / 1000 ** power).toPrecision(3)}${gap}${' kMGTPE'[power]}`;
}
