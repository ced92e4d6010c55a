import { TextTable, TickloomError } from '../base/index.ts';
import { guessInstrument, type Instrument } from './instrument.ts';

/**
 * The tables behind the integer columns of a run: instruments, sources, exchanges and condition sets. Ids are given
 * out in order of first sight and never change within a run; whoever stores columns stores the tables beside them.
 */
export class Universe {
  readonly sources = new TextTable('sources', 65_536);
  readonly exchanges = new TextTable('exchanges', 65_536);
  /** One entry per distinct condition text exactly as the vendor wrote it (`20002000`, `@,T`). */
  readonly conditions = new TextTable('trade conditions', 1_000_000);
  private readonly list: Instrument[] = [];
  private readonly bySymbol = new Map<string, number>();
  private readonly capacity: number;

  constructor(maxSymbols = 20_000) {
    this.capacity = maxSymbols;
  }

  get size(): number {
    return this.list.length;
  }

  /** Adds an instrument, or returns the id of the one already under its symbol. */
  add(instrument: Instrument): number {
    const known = this.bySymbol.get(instrument.symbol);
    if (known !== undefined) return known;
    if (this.list.length >= this.capacity) {
      throw new TickloomError('table-full', `More than ${this.capacity} symbols; raise limits.max_symbols.`);
    }
    this.bySymbol.set(instrument.symbol, this.list.length);
    this.list.push(instrument);
    return this.list.length - 1;
  }

  /** The id of `symbol`, added as {@link guessInstrument} sees it when it is new. */
  intern(symbol: string): number {
    return this.bySymbol.get(symbol) ?? this.add(guessInstrument(symbol));
  }

  find(symbol: string): number | undefined {
    return this.bySymbol.get(symbol);
  }

  instrument(id: number): Instrument {
    const instrument = this.list[id];
    if (instrument === undefined) throw new TickloomError('unknown-id', `No instrument with id ${id}.`);
    return instrument;
  }

  symbol(id: number): string {
    return this.instrument(id).symbol;
  }

  instruments(): readonly Instrument[] {
    return this.list;
  }

  /** Everything as plain JSON: what integer columns of this run mean. */
  tables(): UniverseTables {
    return {
      instruments: [...this.list],
      sources: [...this.sources.all()],
      exchanges: [...this.exchanges.all()],
      conditions: [...this.conditions.all()],
    };
  }

  /**
   * Gives the same ids as the universe that `tables` came from.
   * @throws TickloomError `ids-taken` when this universe has already given one of them to something else.
   */
  adopt(tables: UniverseTables): void {
    tables.instruments.forEach((instrument, id) => {
      expectId(this.add(instrument), id, instrument.symbol);
    });
    for (const key of ['sources', 'exchanges', 'conditions'] as const) {
      tables[key].forEach((text, id) => {
        expectId(this[key].intern(text), id, text);
      });
    }
  }
}

/** Plain form of a {@link Universe}. */
export interface UniverseTables {
  readonly instruments: readonly Instrument[];
  readonly sources: readonly string[];
  readonly exchanges: readonly string[];
  readonly conditions: readonly string[];
}

function expectId(given: number, wanted: number, text: string): void {
  if (given !== wanted) throw new TickloomError('ids-taken', `"${text}" has id ${given} here and ${wanted} there.`);
}
