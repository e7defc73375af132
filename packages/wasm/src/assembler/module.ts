import { type Code, flatten, list, text, unsigned } from './encode.ts';

/** The types of values. */
export type ValueType = 'i32' | 'f32' | 'f64' | 'v128';

const typeCodes: Readonly<Record<ValueType, number>> = { i32: 0x7f, f32: 0x7d, f64: 0x7c, v128: 0x7b };

/** A variable of a function. */
export class Local {
  /** Code that reads it. */
  readonly get: Code;
  readonly type: ValueType;
  readonly #index: Code;

  constructor(index: number, type: ValueType) {
    this.#index = unsigned(index);
    this.get = [0x20, this.#index];
    this.type = type;
  }

  /** Code that writes it. */
  set(value: Code): Code {
    return [value, 0x21, this.#index];
  }

  /** Code that writes it and leaves the value. */
  tee(value: Code): Code {
    return [value, 0x22, this.#index];
  }
}

/** A function, as other code calls it. */
export interface Callable {
  readonly index: number;
}

/** Code that calls a function. */
export const call = (f: Callable, ...args: Code[]): Code => [args, 0x10, unsigned(f.index)];

interface Signature {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/** A function while it is written: its parameters and further variables. */
export class FunctionBuilder {
  readonly params: readonly Local[];
  readonly locals: Local[] = [];
  /** What runs before the function's own code. */
  readonly prologue: Code[] = [];
  readonly #constants = new Map<string, Local>();

  constructor(params: readonly ValueType[]) {
    this.params = params.map((type, i) => new Local(i, type));
  }

  /** A new variable, 0 at first. */
  local(type: ValueType): Local {
    const made = new Local(this.params.length + this.locals.length, type);
    this.locals.push(made);
    return made;
  }

  /**
   * A vector that is computed once, when the function begins, and read from then on: engines may build a constant of
   * 16 bytes anew in every turn of a loop, which costs some kernels two thirds of their time.
   */
  constant(value: Code): Code {
    const key = flatten(value).join();
    let kept = this.#constants.get(key);
    if (kept === undefined) {
      kept = this.local('v128');
      this.#constants.set(key, kept);
      this.prologue.push(kept.set(value));
    }
    return kept.get;
  }
}

/** One WebAssembly module while it is written. It imports its memory as `env.memory`. */
export class ModuleBuilder {
  readonly #signatures = new Map<string, number>();
  readonly #types: Code[] = [];
  readonly #imports: { readonly name: string; readonly type: number }[] = [];
  readonly #functions: { readonly type: number; readonly body: Code }[] = [];
  readonly #exports: Code[] = [];

  /** A function of the outside world, imported as `env.name`; all imports come before the first function. */
  import(name: string, params: readonly ValueType[], results: readonly ValueType[] = []): Callable {
    if (this.#functions.length > 0) throw new Error(`import ${name}: expected imports before functions`);
    this.#imports.push({ name, type: this.#type({ params, results }) });
    return { index: this.#imports.length - 1 };
  }

  /** A function; with a name it is exported under that. `write` gives its code. */
  function(
    name: string | null,
    params: readonly ValueType[],
    results: readonly ValueType[],
    write: (f: FunctionBuilder, ...params: Local[]) => Code,
  ): Callable {
    const f = new FunctionBuilder(params);
    const code = flatten(write(f, ...f.params));
    const locals = f.locals.map(({ type }) => [1, typeCodes[type]]);
    const body = flatten([list(locals), f.prologue, code, 0x0b]);
    this.#functions.push({ type: this.#type({ params, results }), body: [unsigned(body.length), body] });
    const made = { index: this.#imports.length + this.#functions.length - 1 };
    if (name !== null) this.export(name, made);
    return made;
  }

  /** Exports a function under a name. */
  export(name: string, { index }: Callable): void {
    this.#exports.push([text(name), 0, unsigned(index)]);
  }

  /** The module in WebAssembly's binary format; its memory has at least so many pages of 64 KB. */
  bytes(pages = 1): Uint8Array<ArrayBuffer> {
    const memory = [text('env'), text('memory'), 2, 0, unsigned(pages)];
    const imported = this.#imports.map(({ name, type }) => [text('env'), text(name), 0, unsigned(type)]);
    const section = (id: number, content: Code): Code => {
      const bytes = flatten(content);
      return [id, unsigned(bytes.length), bytes];
    };
    return Uint8Array.from(
      flatten([
        [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
        section(1, list(this.#types)),
        section(2, list([...imported, memory])),
        section(3, list(this.#functions.map(({ type }) => unsigned(type)))),
        section(7, list(this.#exports)),
        section(10, list(this.#functions.map(({ body }) => body))),
      ]),
    );
  }

  #type({ params, results }: Signature): number {
    const key = `${params.join()}:${results.join()}`;
    const known = this.#signatures.get(key);
    if (known !== undefined) return known;
    const codes = (types: readonly ValueType[]): Code => list(types.map(type => typeCodes[type]));
    this.#types.push([0x60, codes(params), codes(results)]);
    this.#signatures.set(key, this.#types.length - 1);
    return this.#types.length - 1;
  }
}
