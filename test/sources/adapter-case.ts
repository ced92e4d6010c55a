import type { HttpAnswer } from '../../src/host/index.ts';
import { Universe } from '../../src/model/index.ts';
import type { Adapter, AdapterDefinition, ControlOutcome, HistoryQuery, Refusal } from '../../src/sources/index.ts';
import type { PlainRow } from './row-sink.ts';

/** A frame of the provider's documents and what it means. */
export interface FrameCase {
  readonly title: string;
  readonly frame: string | Uint8Array;
  readonly rows?: readonly PlainRow[];
  readonly outcomes?: readonly ControlOutcome[];
  readonly rejects?: readonly { readonly reason: string; readonly detail: string }[];
}

/** An answer of the provider's documents: what is asked and what it means. */
export interface AnswerCase {
  readonly title: string;
  ask(adapter: Adapter): HistoryQuery;
  readonly path: string;
  /** Parts of the query that matter. */
  readonly query?: Readonly<Record<string, string | number>>;
  readonly body: string;
  /** Of the receipt; the year 2030 where bars are to be over. */
  readonly recvUs?: number;
  readonly rows: readonly PlainRow[];
  readonly outcomes?: readonly ControlOutcome[];
  /** Path and a part of the query of the page after it; absent: none. */
  readonly next?: { readonly path: string; readonly query?: Readonly<Record<string, string | number>> };
}

export interface RefusalCase {
  readonly title: string;
  readonly answer: Partial<HttpAnswer> & { readonly text: string };
  readonly remedy: Refusal['remedy'] | 'none';
  readonly retryAfterMs?: number;
}

/** What the contract suite needs to know of a provider. */
export interface AdapterCase {
  readonly id: string;
  readonly wanted: readonly string[];
  readonly plan?: string;
  /** A symbol that can not be at the provider. */
  readonly foreignSymbol: string;
  readonly frames: readonly FrameCase[];
  readonly answers: readonly AnswerCase[];
  readonly refusals: readonly RefusalCase[];
}

export const RECV_US = 1_893_456_000_000_000;
/** What every secret is in these tests. */
export const SECRET = 'k3y0fth3t3st5andn0thing3ls3atall';

export function openCase(
  definition: AdapterDefinition,
  wanted: readonly string[],
  plan = '',
  urls: { readonly stream_url?: string; readonly rest_url?: string } = {},
): { readonly adapter: Adapter; readonly universe: Universe } {
  const universe = new Universe();
  const settings = { stream_url: '', rest_url: '', symbols: {}, plan, ...urls };
  return { adapter: definition.create({ universe, wanted, settings, secret: () => SECRET }), universe };
}

export function answerOf(text: string, more: Partial<HttpAnswer> = {}): HttpAnswer {
  return { status: 200, headers: {}, text, ...more };
}
