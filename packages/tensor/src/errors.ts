/** The base of every error that tapegrad throws on purpose: `op: what was expected, what came`. */
export class TapegradError extends Error {
  /** The name of the class. */
  override get name(): string {
    return this.constructor.name;
  }
}

/** Shapes that do not fit an operation, or a dim that a shape does not have. */
export class ShapeError extends TapegradError {}

/** A dtype that an operation does not take. */
export class DTypeError extends TapegradError {}

/** An index or id outside of what it points into. */
export class IndexError extends TapegradError {}

/** An argument whose value makes no sense, such as a learning rate of NaN. */
export class ArgumentError extends TapegradError {}

/** A gradient that cannot be computed: no history, a missing seed, a value that was overwritten. */
export class GradError extends TapegradError {}

/** Bytes or text from elsewhere that are not what they claim to be. */
export class FormatError extends TapegradError {}
