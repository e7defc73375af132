/** A whole number with separators of thousands. */
export const thousands = (n: number): string => n.toLocaleString('en-US');
