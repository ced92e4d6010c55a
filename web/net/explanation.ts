import type { WireOdds } from '../../src/api/protocol/index.ts';

/** Answer of `GET /api/v1/explain/{id}`: a statement, and what it was made of. */
export interface Explanation {
  readonly id: number;
  readonly type: string;
  readonly statement: Fields;
  readonly probability: (WireOdds & { readonly percent: number }) | null;
  /** The pattern events that it rests on, the leading one first. */
  readonly patterns: readonly Fields[];
  readonly bar: {
    readonly start: string;
    readonly end: string;
    readonly timeframe: string;
    readonly open: number;
    readonly high: number;
    readonly low: number;
    readonly close: number;
    readonly volume: number;
    readonly source: string | null;
    readonly quality: number | null;
    readonly revision: number;
    readonly said_on_revision: number;
  } | null;
  readonly trades: {
    readonly count: number;
    readonly shown: readonly {
      readonly time: string;
      readonly received_at: string | null;
      readonly price: number | null;
      readonly size: number | null;
      readonly action: string;
      readonly source: string | null;
      readonly tape_seq: number | null;
    }[];
    readonly note: string | null;
  };
  readonly clocks: { readonly [name: string]: string };
}

/** Members of an event, as they came. */
export interface Fields {
  readonly [name: string]: unknown;
}
