import { side } from './draw.ts';

const shades = ' ░▒▓█';

/** A picture in letters, two pixels over each other in one: lines of the picture's width. */
const linesOf = (pixels: ArrayLike<number>): string[] =>
  Array.from({ length: side / 2 }, (_, y) =>
    Array.from({ length: side }, (_, x) => {
      const ink = (pixels[2 * y * side + x] + pixels[(2 * y + 1) * side + x]) / 2;
      return shades[Math.min(shades.length - 1, Math.floor(ink * shades.length))];
    }).join(''),
  );

/** Pictures in letters, side by side. */
export function sideBySide(pictures: readonly ArrayLike<number>[]): string {
  const all = pictures.map(linesOf);
  return all[0]
    .map((_, y) =>
      all
        .map(lines => lines[y])
        .join(' ')
        .trimEnd(),
    )
    .join('\n');
}

/** How often each digit (a row) was taken for each (a column). */
export function confusion(digits: ArrayLike<number>, answers: ArrayLike<number>): string {
  const counts = Array.from({ length: 10 }, () => new Array<number>(10).fill(0));
  for (let i = 0; i < digits.length; i++) counts[digits[i]][answers[i]]++;
  const line = (head: string, cells: readonly (number | string)[]): string =>
    `${head.padStart(4)} │${cells.map(cell => String(cell).padStart(4)).join('')}`;
  const all = [...counts.keys()];
  return [
    line('', all),
    `─────┼${'─'.repeat(40)}`,
    ...counts.map((row, digit) =>
      line(
        String(digit),
        row.map(n => (n === 0 ? '·' : n)),
      ),
    ),
  ].join('\n');
}
