import { formatMicros, type Micros } from '../../base/index.ts';
import type { Bar } from '../../model/index.ts';
import type { BarEvent, FeaturesEvent, ServerEvent, TradeEvent } from '../protocol/index.ts';
import { orNull } from './bar-wire.ts';
import type { EventBody } from './feed-event.ts';

/** An event that is a plain object already. */
export class PlainBody implements EventBody {
  private readonly event: ServerEvent;

  constructor(event: ServerEvent) {
    this.event = event;
  }

  toJson(id: number): string {
    return JSON.stringify({ id, ...this.event });
  }
}

/** An event that is text already, with its id. */
export class TextBody implements EventBody {
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toJson(): string {
    return this.text;
  }
}

/** An accepted trade, as the columns it came in. */
export class TradeBody implements EventBody {
  private readonly symbol: string;
  private readonly tsUs: Micros;
  private readonly price: number;
  private readonly size: number;
  private readonly source: string;

  constructor(symbol: string, tsUs: Micros, price: number, size: number, source: string) {
    this.symbol = symbol;
    this.tsUs = tsUs;
    this.price = price;
    this.size = size;
    this.source = source;
  }

  toJson(id: number): string {
    return JSON.stringify({
      id,
      type: 'trade',
      timestamp: formatMicros(this.tsUs),
      symbol: this.symbol,
      price: this.price,
      size: this.size,
      source: this.source,
    } satisfies TradeEvent);
  }
}

/** A closed or revised bar. */
export class BarBody implements EventBody {
  private readonly bar: Bar;
  private readonly symbol: string;
  private readonly timeframe: string;
  private readonly source: string;
  private readonly nowUs: Micros;

  constructor(bar: Bar, symbol: string, timeframe: string, source: string, nowUs: Micros) {
    this.bar = bar;
    this.symbol = symbol;
    this.timeframe = timeframe;
    this.source = source;
    this.nowUs = nowUs;
  }

  toJson(id: number): string {
    const { bar } = this;
    return JSON.stringify({
      id,
      type: 'bar',
      timestamp: formatMicros(this.nowUs),
      symbol: this.symbol,
      timeframe: this.timeframe,
      start: formatMicros(bar.startUs),
      open: bar.open,
      high: bar.high,
      low: bar.low,
      close: bar.close,
      volume: bar.volume,
      vwap: orNull(bar.vwap),
      trade_count: bar.trades,
      final: true,
      revision: bar.revision,
      source: this.source,
      quality: bar.quality,
    } satisfies BarEvent);
  }
}

/** The features of one closed bar; `values` is a copy of its own. */
export class FeaturesBody implements EventBody {
  private readonly names: readonly string[];
  private readonly values: Float64Array;
  private readonly bar: Bar;
  private readonly symbol: string;
  private readonly timeframe: string;
  private readonly nowUs: Micros;

  constructor(
    names: readonly string[],
    values: Float64Array,
    bar: Bar,
    symbol: string,
    timeframe: string,
    nowUs: Micros,
  ) {
    this.names = names;
    this.values = values;
    this.bar = bar;
    this.symbol = symbol;
    this.timeframe = timeframe;
    this.nowUs = nowUs;
  }

  toJson(id: number): string {
    const values: Record<string, number | null> = {};
    for (let i = 0; i < this.names.length; i++) values[this.names[i] as string] = orNull(this.values[i]);
    return JSON.stringify({
      id,
      type: 'features',
      timestamp: formatMicros(this.nowUs),
      symbol: this.symbol,
      timeframe: this.timeframe,
      start: formatMicros(this.bar.startUs),
      revision: this.bar.revision,
      values,
    } satisfies FeaturesEvent);
  }
}
