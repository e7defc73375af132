/** The whole number, 1 or more, that an option of a lesson is given as; ends the lesson with what is wrong, if it is none. */
export function whole(option: string, text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  console.error(`--${option}: expected a whole number, 1 or more, got ${JSON.stringify(text)}`);
  process.exit(2);
}
