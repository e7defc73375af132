/** The part of asciichart that is used here; the package has no types of its own. */
declare module 'asciichart' {
  interface Settings {
    readonly height?: number;
    readonly offset?: number;
    readonly padding?: string;
    readonly format?: (x: number) => string;
  }
  export function plot(series: readonly number[], settings?: Settings): string;
}
