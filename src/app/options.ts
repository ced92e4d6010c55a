import type { ConfigEntry, Secret, TickloomConfig } from './config/index.ts';

/** What every action gets: the effective configuration and the streams of the terminal. */
export interface ActionContext {
  readonly config: TickloomConfig;
  readonly entries: readonly ConfigEntry[];
  readonly secrets: ReadonlyMap<string, Secret>;
  /** The result goes here, and nothing else. */
  readonly stdout: NodeJS.WritableStream;
  /** Progress, logs and hints. */
  readonly stderr: NodeJS.WriteStream;
  readonly useColour: boolean;
  /** Aborted by the first Ctrl-C or SIGTERM: drain, flush, end. */
  readonly stop: AbortSignal;
}

/** What actions that read files or a tape can be told about them. Times are RFC 3339 or dates. */
export interface InputOptions {
  readonly symbol?: string;
  readonly kind?: string;
  readonly timeframe?: string;
}

export interface ReplayOptions extends InputOptions {
  readonly paths: readonly string[];
  /** Multiple of real time, or Infinity for as fast as it goes. */
  readonly speed: number;
  readonly from?: string;
  readonly to?: string;
  readonly json: boolean;
  /** False: run the pipeline and keep nothing. */
  readonly store: boolean;
  /** Rows per batch; the result does not depend on it. */
  readonly batchSize: number;
}

export interface ImportOptions extends InputOptions {
  readonly paths: readonly string[];
  readonly json: boolean;
}

/** The command line has checked every value but `out`. */
export interface ExportOptions {
  readonly symbol: string;
  readonly kind: 'trades' | 'quotes' | 'bars' | 'features';
  readonly timeframe?: string;
  readonly format: 'csv' | 'parquet';
  /** A path, or `-` for standard output. */
  readonly out: string;
  readonly from?: string;
  readonly to?: string;
  readonly ts: 'ms' | 'iso';
  readonly columns: 'default' | 'all';
  readonly json: boolean;
}

/** The command line has checked every value but `out` and the paths. */
export interface MineOptions {
  readonly paths: readonly string[];
  /** A path, or `-` for standard output. */
  readonly out: string;
  readonly timeframe: string;
  readonly patterns: number;
  readonly horizon: number;
  readonly seed: number;
  readonly json: boolean;
}

export interface AlertsOptions {
  /** Only this rule. */
  readonly rule?: string;
  readonly json: boolean;
}

export interface ExplainOptions {
  /** Id of an event, or number of a statement. */
  readonly id: string;
  readonly json: boolean;
}

export interface VerifyOptions extends InputOptions {
  readonly paths: readonly string[];
  readonly run?: string;
  readonly prefix: boolean;
  /** Plants a one-bar look-ahead, which the check must catch. */
  readonly plantLeak: boolean;
  /** Checks the hash-chained signal log instead. */
  readonly signals: boolean;
  /** A hash noted earlier, which the signal log must hold. */
  readonly head?: string;
  readonly json: boolean;
}

/** The command line has checked every value but the names, faults and paths. */
export interface SimulateOptions extends InputOptions {
  /** Provider. */
  readonly name: string;
  readonly from: readonly string[];
  readonly port: number;
  /** Multiple of real time, or Infinity for as fast as it goes. */
  readonly speed: number;
  readonly seed: number;
  readonly fault: readonly string[];
  readonly rebase?: 'now';
  readonly start?: 'subscribe' | 'request' | 'launch';
  readonly history?: 'played' | 'all';
  /** File of JSON lines. */
  readonly log?: string;
  readonly key?: string;
  readonly secret?: string;
  /** Files of a certificate and its private key, PEM: serve https and wss. */
  readonly tlsCert?: string;
  readonly tlsKey?: string;
}

export interface BootstrapOptions {
  /** Sources in order, comma-separated; the configured ones when absent. */
  readonly source?: string;
  readonly days?: number;
  readonly timeframe?: string;
  /** End of the history: RFC 3339 or a date; now when absent. */
  readonly to?: string;
  readonly json: boolean;
}

export interface BenchOptions {
  readonly names: readonly string[];
  readonly json: boolean;
}

export interface DoctorOptions {
  readonly json: boolean;
}
