import type { Shape } from '@tapegrad/tensor';
import type { Node } from './tape/node.ts';

/** One call of an operation, as `profile(fn, { trace: true })` keeps it. */
export interface TracedCall {
  /** The name of the operation. */
  readonly op: string;
  /** Whether it was part of a walk backward. */
  readonly phase: 'forward' | 'backward';
  /** Milliseconds from the beginning of the function, in which the tracing itself counts too. */
  readonly start: number;
  /** Milliseconds within the operation. */
  readonly ms: number;
  /** Bytes of the result, 0 for a view. */
  readonly bytes: number;
  /** Floating-point operations, counted as `profile` does. */
  readonly flops: number;
  /** The shapes of the inputs. */
  readonly inputs: readonly Shape[];
  /** The shape of the result. */
  readonly output: Shape;
  /**
   * The functions between the profiled one and the operation, the outermost first, as far as they have names:
   * `CharModel.forward`, `LSTM.forward`, `linear`. What computes a gradient stands below `backward`, where the operation
   * whose gradient it is was called, and `gradient of matmul`.
   */
  readonly callers: readonly string[];
}

/** A place in a run: what the stack was, which is read later. Engines write it out when it is asked for, and that takes time. */
interface Site {
  readonly error: Error;
  /** Where the walk backward was begun that it is within, if it is. */
  readonly walk: Site | null;
  /** What the gradient is of that is being computed. */
  readonly gradient: { readonly op: string; readonly made: Site | undefined } | null;
}

/** Who called what, from the stack. */
export class Callers {
  /** The lines of the stack below the profiled function, and one for who asks. */
  #below = 0;
  /** The folder of this package, whose inner functions are nobody's business. */
  #own: string | undefined;
  readonly #names = new Map<string, string>();
  readonly #madeAt = new WeakMap<Node<any>, Site>();
  #walk: Site | null = null;
  #gradient: Site['gradient'] = null;

  /** To be called by the function that calls the profiled one. */
  begin(): void {
    const lines = framesOf(new Error());
    this.#below = lines.length;
    this.#own = folderOf(lines[0] ?? '');
  }

  /** Where it is called; `node` is what is made there. */
  here(node: Node<any> | null): Site {
    const site = { error: new Error(), walk: this.#walk, gradient: this.#gradient };
    if (node !== null) this.#madeAt.set(node, site);
    return site;
  }

  /** Runs what goes back through a tape. */
  goingBack<T>(walk: () => T): T {
    return this.#within({ walk: this.here(null), gradient: null }, walk);
  }

  /** Runs the rule of the gradient of `node`. */
  differentiate<T>(node: Node<any>, rule: () => T): T {
    const gradient = { op: node.op?.name ?? '', made: this.#madeAt.get(node) };
    return this.#within({ walk: this.#walk, gradient }, rule);
  }

  #within<T>({ walk, gradient }: Omit<Site, 'error'>, fn: () => T): T {
    const before = [this.#walk, this.#gradient] as const;
    [this.#walk, this.#gradient] = [walk, gradient];
    try {
      return fn();
    } finally {
      [this.#walk, this.#gradient] = before;
    }
  }

  /** The names of the callers at a site, without a method that does just `op` and is called like it. */
  namesAt(site: Site, op: string): string[] {
    const names = this.#namesAt(site);
    return names.at(-1) === op ? names.slice(0, -1) : names;
  }

  #namesAt({ error, walk, gradient }: Site): string[] {
    const called = this.#called(error);
    if (walk === null || gradient === null) return called;
    const begun = this.#called(walk.error);
    const made = gradient.made === undefined ? [] : this.namesAt(gradient.made, gradient.op);
    const apart = made.findIndex((name, i) => name !== begun[i]);
    const where = apart < 0 ? [] : made.slice(apart);
    return [...begun, ...where, `gradient of ${gradient.op}`, ...called.slice(begun.length)];
  }

  #called(error: Error): string[] {
    const lines = framesOf(error);
    const names: string[] = [];
    // From the profiled function, whose own line is left out, up to who asked.
    const profiled = lines.length - this.#below;
    for (let i = profiled - 1; i > 0; i--) {
      const own = this.#isOwn(lines[i]);
      if (own && i + 1 < profiled && this.#isOwn(lines[i + 1])) continue;
      const name = this.#nameIn(lines[i]);
      if (name !== '') names.push(own ? name.slice(name.lastIndexOf('.') + 1) : name);
    }
    return names;
  }

  #isOwn(line: string): boolean {
    return this.#own !== undefined && folderOf(line) === this.#own;
  }

  #nameIn(line: string): string {
    let name = this.#names.get(line);
    if (name === undefined) this.#names.set(line, (name = nameIn(line)));
    return name;
  }
}

/** Runs `fn` with whole stacks in errors, where the engine cuts them short otherwise. */
export function withWholeStacks<T>(fn: () => T): T {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = Number.POSITIVE_INFINITY;
  try {
    return fn();
  } finally {
    Error.stackTraceLimit = before;
  }
}

/** The lines of a stack, the innermost first: `at name (place)`, or `name@place`. */
const framesOf = ({ stack = '' }: Error): string[] => stack.split('\n').filter(line => /^\s+at |@/.test(line));

/** The folder of this package that a line is of. In a bundle it has none, and what is in it is everybody's business. */
export const folderOf = (line: string): string | undefined =>
  line.match(/([^\s(@]*[/\\]autograd)[/\\](?:src|dist)[/\\]/)?.[1];

/** The name of a function, '' for one without a name and for the engine's own. */
export function nameIn(line: string): string {
  if (/<anonymous>\)?$|native code|node:/.test(line)) return '';
  const [, v8, other] = /^\s+at (?:async )?(?:new )?(.*?)(?: \[as .*\])? \(|^([^@]*)@/.exec(line) ?? [];
  const name = (v8 ?? other ?? '').replace(/^(Object|Module|Function)\./, '').replace(/[/<]+$/, '');
  return name.includes('<anonymous>') ? '' : name;
}
