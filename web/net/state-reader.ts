import type { ComponentHealth, HealthReport } from '../../src/api/protocol/index.ts';
import { toBar } from '../state/bar-series.ts';
import type { LiveStore } from '../state/live-store.ts';
import { api } from './api-client.ts';

const GAPS_READ = 500;
/** One round in this many for a run with so many symbols that the answer is large. */
const ROUNDS_WHEN_MANY = 12;
const MANY_SYMBOLS = 200;

/** What a round of reading brought. */
export interface ReadOutcome {
  /** Whether the server answered at all. */
  readonly answered: boolean;
  /** The first failure of a part, when the server answered others. */
  readonly failure: unknown;
}

/** Reads by HTTP what the page's state needs, into the store; a part that fails leaves the others standing. */
export class StateReader {
  readonly #store: LiveStore;
  readonly #onSymbols: () => void;
  #round = 0;

  /** @param onSymbols called when the list of symbols was read: timeframes are known from then on */
  constructor(store: LiveStore, onSymbols: () => void) {
    this.#store = store;
    this.#onSymbols = onSymbols;
  }

  /** Run, symbols and gaps. */
  async readAll(): Promise<ReadOutcome> {
    const results = await Promise.allSettled([this.#readRun(), this.#readSymbols(), this.#readGaps()]);
    const failed = results.find((result) => result.status === 'rejected');
    return { answered: results[0].status === 'fulfilled', failure: failed?.reason };
  }

  /** Everything, and the newest bars of the series that is open. */
  async catchUp(bars: number): Promise<ReadOutcome> {
    const outcome = await this.readAll();
    const { series } = this.#store;
    const state = series === undefined ? undefined : this.#store.symbols.get(series.symbol);
    if (!outcome.answered || series === undefined || state === undefined) return outcome;
    try {
      const page = await api.bars(state.row, series.timeframe, bars);
      if (this.#store.series !== series) return outcome;
      for (const row of page.bars) this.#store.applySeriesBar(toBar(row));
      return outcome;
    } catch (failure) {
      return { answered: false, failure };
    }
  }

  /** One beat of the regular refresh; with very many symbols only some beats read. */
  async refreshSymbols(): Promise<void> {
    this.#round += 1;
    if (this.#store.symbols.size > MANY_SYMBOLS && this.#round % ROUNDS_WHEN_MANY !== 0) return;
    await this.#readSymbols();
  }

  async #readRun(): Promise<void> {
    this.#store.applyRun(await api.run(), Date.now());
  }

  async #readSymbols(): Promise<void> {
    this.#store.applySymbols(await api.symbols());
    this.#onSymbols();
  }

  async #readGaps(): Promise<void> {
    for (const gap of (await api.gaps(GAPS_READ)).gaps) this.#store.applyGap(gap);
  }
}

/** What is wrong with a run, in one line; undefined when all is well. */
export function healthWords(health: HealthReport): string | undefined {
  if (health.status === 'ok') return undefined;
  const parts = [...Object.entries(health.components.sources), ...Object.entries(health.components)];
  const troubles = parts.flatMap(([name, part]) => {
    const { status, detail } = part as Partial<ComponentHealth>;
    if (status === undefined || status === 'ok') return [];
    return [`${name} ${status}${detail === undefined ? '' : `, ${detail}`}`];
  });
  return `■ ${health.status}: ${troubles.length === 0 ? 'see System' : troubles.join('; ')}`;
}
