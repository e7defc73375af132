/** What the compiler did for one set of shapes. */
export interface Stats {
  /** Operations as they were recorded, without those that only change shape and strides. */
  readonly recorded: number;
  /** Operations after the passes. */
  readonly operations: number;
  /** Steps of the program: a fused loop, a matrix product, a call of JavaScript. */
  readonly kernels: number;
  /** Steps that call a kernel in JavaScript: all where it runs the program, else what there is no code for. */
  readonly callsToJavaScript: number;
  /** Bytes of the arena that all intermediate values share. */
  readonly arenaBytes: number;
  /** What these values would take side by side. */
  readonly bytesWithoutSharing: number;
  /** Bytes of the WebAssembly module; 0 where JavaScript runs the program. */
  readonly moduleBytes: number;
  /** What runs the program. */
  readonly executor: 'wasm' | 'javascript';
  /** Milliseconds that the recorded call took. */
  readonly recordMs: number;
  /** Milliseconds of the passes and of writing the module. */
  readonly emitMs: number;
  /** Milliseconds of the engine's compiling it. */
  readonly compileMs: number;
}
