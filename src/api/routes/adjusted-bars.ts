import { type Adjustment, actionsAsOf, PriceAdjustment } from '../../bars/index.ts';
import { type Micros, TickloomError, US_PER_DAY } from '../../base/index.ts';
import { type CorporateAction, parseTimeframe } from '../../model/index.ts';
import type { ApiContext, BarQuery, FormingBar, StoredBar } from '../api-context.ts';
import { ProblemError } from '../problem.ts';
import { EARLIEST_US } from './time-range.ts';

/** What a page of bars is read from. */
export type BarReader = Pick<ApiContext, 'readBars' | 'formingBar' | 'pendingBars'>;

/** How bars are wanted: adjusted or raw, and as they could be seen at a time (`undefined`: now). */
export interface BarView {
  readonly adjustment: Adjustment;
  readonly asOfUs: Micros | undefined;
}

/** How long before an ex-day the day bar with its reference close may lie: no market is closed for longer. */
const REFERENCE_DAYS = 10;

/**
 * Bars of a symbol as a reader at `asOfUs` had them: only those that had ended, adjusted by what was known and in effect
 * then. The stores keep raw prices; nothing that is adjusted is ever kept. @throws ProblemError 409 where an action can
 * not be true of the stored prices.
 */
export class AdjustedBars implements BarReader {
  private readonly context: ApiContext;
  private readonly view: BarView;
  private readonly actions: readonly CorporateAction[];
  /** By ex-day. */
  private readonly closes = new Map<Micros, number | undefined>();

  /** @param nowUs the time that stands for an absent `asOfUs`. */
  constructor(context: ApiContext, symbol: string, view: BarView, nowUs: Micros) {
    this.context = context;
    this.view = view;
    const all = view.adjustment === 'raw' ? [] : (context.actions?.(symbol) ?? []);
    this.actions = actionsAsOf(all, view.adjustment, view.asOfUs ?? nowUs);
  }

  async readBars(query: BarQuery): Promise<readonly StoredBar[]> {
    const rows = await this.rawBars(query);
    const first = rows[0];
    if (first === undefined) return rows;
    const adjustment = await this.adjustmentSince(query.symbol, query.timeframe, first.start);
    return adjustment === undefined ? rows : rows.map((bar) => adjusted(bar, adjustment));
  }

  /** Bars without a final form belong to now: they began after every action that is in effect. */
  formingBar(symbol: string, timeframe: string): FormingBar | undefined {
    return this.view.asOfUs === undefined ? this.context.formingBar(symbol, timeframe) : undefined;
  }

  pendingBars(symbol: string, timeframe: string): readonly FormingBar[] {
    return this.view.asOfUs === undefined ? this.context.pendingBars(symbol, timeframe) : [];
  }

  private async rawBars(query: BarQuery): Promise<readonly StoredBar[]> {
    const { asOfUs } = this.view;
    if (asOfUs === undefined) return this.context.readBars(query);
    const { lengthUs } = parseTimeframe(query.timeframe);
    const rows = await this.context.readBars({ ...query, toUs: Math.min(query.toUs, asOfUs) });
    const last = rows.at(-1);
    if (last === undefined || (last.end ?? last.start + lengthUs) <= asOfUs) return rows;
    // Only the newest can have been under way. Read anew, so that a full page stays full.
    return this.context.readBars({ ...query, toUs: last.start });
  }

  /** The factors of bars from a time on; `undefined` where nothing happened since. */
  private async adjustmentSince(
    symbol: string,
    timeframe: string,
    fromUs: Micros,
  ): Promise<PriceAdjustment | undefined> {
    const actions = this.actions.filter(({ exUs }) => exUs > fromUs);
    if (actions.length === 0) return undefined;
    for (const { kind, exUs } of actions) {
      if (kind === 'split' || this.closes.has(exUs)) continue;
      this.closes.set(exUs, await this.closeBefore(symbol, timeframe, exUs));
    }
    try {
      return new PriceAdjustment(actions, (exUs) => this.closes.get(exUs));
    } catch (error) {
      if (error instanceof TickloomError) throw new ProblemError(409, 'bad_action', error.message);
      throw error;
    }
  }

  /** The day's close where there are bars of days, else the last bar before the ex-day in the timeframe that is read. */
  private async closeBefore(symbol: string, timeframe: string, exUs: Micros): Promise<number | undefined> {
    const last = { symbol, toUs: exUs, limit: 1, latest: true };
    const fromUs = exUs - REFERENCE_DAYS * US_PER_DAY;
    const [day] = await this.context.readBars({ ...last, timeframe: '1d', fromUs });
    if (day !== undefined) return day.close;
    const [bar] = await this.context.readBars({ ...last, timeframe, fromUs: EARLIEST_US });
    return bar?.close;
  }
}

function adjusted(bar: StoredBar, adjustment: PriceAdjustment): StoredBar {
  const { price, volume } = adjustment.at(bar.start);
  if (price === 1 && volume === 1) return bar;
  return {
    ...bar,
    open: bar.open * price,
    high: bar.high * price,
    low: bar.low * price,
    close: bar.close * price,
    volume: bar.volume * volume,
    ...(bar.vwap === undefined ? {} : { vwap: bar.vwap * price }),
  };
}
