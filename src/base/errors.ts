/**
 * An expected failure with a stable code. The code decides what a caller does about it (retry, exit status, HTTP
 * status); the message is a sentence for a person and names what was found and what is allowed.
 */
export class TickloomError extends Error {
  readonly code: string;
  /** What the failure is about: a file, a configuration key, a field. */
  readonly subject: string | undefined;

  constructor(code: string, message: string, options: { subject?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'TickloomError';
    this.code = code;
    this.subject = options.subject;
  }
}

/** The user named something impossible: a flag, a key, a path. The command line ends with status 2. */
export class UsageError extends TickloomError {
  constructor(message: string, options: { subject?: string; cause?: unknown } = {}) {
    super('usage', message, options);
    this.name = 'UsageError';
  }
}

/** Stops the program where an invariant of our own is broken: wrong data is worse than no data. */
export function invariant(holds: boolean, rule: string): asserts holds {
  if (!holds) throw new TickloomError('invariant', `Invariant broken: ${rule}.`);
}
