import pino from 'pino';
import { prettyFactory } from 'pino-pretty';

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Fields beside the message. Numbers carry their unit in the name (`duration_ms`, `size_bytes`). */
export type LogFields = { readonly [name: string]: unknown };

/**
 * The log as a port. `event` is a stable code (`source.connected`), `message` one sentence for a person. Secrets are
 * taken out by the name of their key and by their value.
 */
export interface Log {
  trace(event: string, message: string, fields?: LogFields): void;
  debug(event: string, message: string, fields?: LogFields): void;
  info(event: string, message: string, fields?: LogFields): void;
  warn(event: string, message: string, fields?: LogFields): void;
  error(event: string, message: string, fields?: LogFields): void;
  fatal(event: string, message: string, fields?: LogFields): void;
  /** The same log with fields on every line: `component`, `source`, `symbol`, `run_id`. */
  child(fields: LogFields): Log;
}

export interface LogOptions {
  readonly level: LogLevel;
  /** `auto`: pretty on a terminal, JSON lines otherwise. */
  readonly format: 'auto' | 'json' | 'pretty';
  readonly stream: { write(text: string): unknown; readonly isTTY?: boolean };
  readonly useColour?: boolean;
  /** Values that never appear in a line, wherever they come from. Shorter than six characters are left alone. */
  readonly secrets?: Iterable<string>;
  readonly fields?: LogFields;
}

const SECRET_KEY = /secret|token|passw|credential|api[-_]?key|authorization|cookie|private[-_]?key/i;
const REDACTED = '[redacted]';
const MAX_DEPTH = 6;
const MAX_TEXT = 8_192;
const SHORTEST_SECRET = 6;

/** Opens a log. Lines are written at once, so that the last words of a crash are not lost. */
export function createLog(options: LogOptions): Log {
  const isPretty = options.format === 'pretty' || (options.format === 'auto' && options.stream.isTTY === true);
  const destination = isPretty ? prettyStream(options) : options.stream;
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination as pino.DestinationStream,
  );
  const clean = cleaner([...(options.secrets ?? [])]);
  return logOver(options.fields === undefined ? logger : logger.child(clean(options.fields)), clean);
}

/** A log that says nothing. */
export const silentLog: Log = createLog({ level: 'silent', format: 'json', stream: { write: () => true } });

type Clean = (fields: LogFields) => Record<string, unknown>;

function logOver(logger: pino.Logger, clean: Clean): Log {
  const at =
    (level: Exclude<LogLevel, 'silent'>) =>
    (event: string, message: string, fields: LogFields = {}): void => {
      if (!logger.isLevelEnabled(level)) return;
      const { message: text, ...rest } = clean({ ...fields, message });
      logger[level]({ event, ...rest }, text as string);
    };
  return {
    trace: at('trace'),
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    fatal: at('fatal'),
    child: (fields) => logOver(logger.child(clean(fields)), clean),
  };
}

/** Takes secrets out of fields, keeps lines single and bounded, and makes errors readable. */
function cleaner(secrets: readonly string[]): Clean {
  const hidden = secrets.filter((secret) => secret.length >= SHORTEST_SECRET);
  const cleanText = (text: string): string => {
    let clean = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}… (${text.length} characters)` : text;
    for (const secret of hidden) clean = clean.replaceAll(secret, REDACTED);
    return escapeControls(clean);
  };
  const cleanValue = (value: unknown, depth: number): unknown => {
    if (typeof value === 'string') return cleanText(value);
    if (typeof value === 'bigint') return String(value);
    if (value === null || typeof value !== 'object') return value;
    if (depth >= MAX_DEPTH) return '[deeper]';
    if (value instanceof Error) return cleanError(value, cleanText);
    if (Array.isArray(value)) return value.slice(0, 100).map((item) => cleanValue(item, depth + 1));
    return cleanObject(value, depth);
  };
  const cleanObject = (value: object, depth: number): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        escapeControls(key),
        SECRET_KEY.test(key) && item !== undefined ? REDACTED : cleanValue(item, depth + 1),
      ]),
    );
  return (fields) => cleanObject(fields, 0);
}

function cleanError(error: Error, cleanText: (text: string) => string): Record<string, unknown> {
  const code = (error as { code?: unknown }).code;
  return {
    name: error.name,
    message: cleanText(error.message),
    ...(typeof code === 'string' ? { code } : {}),
    ...(error.stack === undefined ? {} : { stack: cleanText(error.stack) }),
  };
}

/** Control characters as text: a symbol with an escape sequence must not steer somebody's terminal. */
function escapeControls(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, (character) => {
    if (character === '\n') return '\\n';
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

function prettyStream(options: LogOptions): pino.DestinationStream {
  const prettify = prettyFactory({
    colorize: options.useColour ?? false,
    singleLine: true,
    ignore: 'run_id',
    translateTime: 'HH:MM:ss.l',
  });
  return { write: (line) => void options.stream.write(prettify(line) ?? line) };
}
