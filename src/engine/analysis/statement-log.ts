import type { PatternMatch, RegimeChange, Signal, StatementChange } from '../../model/index.ts';

/** What the analysis says, and may have to take back. */
export type Statement =
  | { readonly kind: 'pattern'; readonly said: PatternMatch }
  | { readonly kind: 'regime'; readonly said: RegimeChange }
  | { readonly kind: 'signal'; readonly said: Signal };

/** Number, change and predecessor of a statement that is about to be made. */
export interface StatementHead {
  readonly id: number;
  readonly change: StatementChange;
  readonly replaces: number | undefined;
}

interface Kept {
  readonly ordinal: number;
  readonly key: string;
  readonly statement: Statement;
}

/** What a log was saved as: the statements kept of each series. */
export type StatementLogSnapshot = readonly (readonly Kept[])[];

const DRAFT: StatementHead = { id: 0, change: 'new', replaces: undefined };

/**
 * The statements of the latest bars of each series, as long as those bars can change. After a revision every statement
 * is compared with the one made before for the same thing at the same bar: equal ones stand, others are amended, those
 * without a successor are withdrawn.
 */
export class StatementLog {
  private readonly kept: Kept[][] = [];
  /** Statements of the series that is being run again, which have found no successor yet. */
  private former: Kept[] = [];
  private isRerun = false;
  private readonly nextId: () => number;
  private readonly emit: (statement: Statement) => void;

  /** @param nextId numbers a statement; ascending over all series and kinds */
  constructor(nextId: () => number, emit: (statement: Statement) => void) {
    this.nextId = nextId;
    this.emit = emit;
  }

  /**
   * Makes a statement about a bar, unless the same one was made before the bar was run again.
   * @param ordinal of the bar, by which the statement is released
   * @param key what it is about, unique within the bar
   * @returns the number under which it stands
   */
  say(
    series: number,
    ordinal: number,
    barStartUs: number,
    key: string,
    make: (head: StatementHead) => Statement,
  ): number {
    const place = this.isRerun ? this.former.findIndex((kept) => isAbout(kept, barStartUs, key)) : -1;
    const former = place < 0 ? undefined : (this.former.splice(place, 1)[0] as Kept);
    if (former !== undefined && sameContent(former.statement, make(DRAFT))) {
      this.keep(series, { ...former, ordinal });
      return former.statement.said.id;
    }
    const id = this.nextId();
    const replaces = former?.statement.said.id;
    const statement = make({ id, change: replaces === undefined ? 'new' : 'amended', replaces });
    this.keep(series, { ordinal, key, statement });
    this.emit(statement);
    return id;
  }

  /** The bars of a series from `ordinal` on are going to be run again. */
  beginRerun(series: number, ordinal: number): void {
    const list = this.kept[series] ?? [];
    const from = list.findIndex((kept) => kept.ordinal >= ordinal);
    this.former = from < 0 ? [] : list.splice(from);
    this.isRerun = true;
  }

  /** The bars have been run again: takes back what was not said again. */
  endRerun(atUs: number): void {
    this.isRerun = false;
    for (const { statement } of this.former) {
      const { id } = statement.said;
      this.emit(withdrawn(statement, { id: this.nextId(), change: 'withdrawn', replaces: id }, atUs));
    }
    this.former = [];
  }

  /** Forgets statements about bars before `ordinal`, which can not change any more. */
  release(series: number, ordinal: number): void {
    const list = this.kept[series];
    if (list === undefined || list.length === 0 || (list[0] as Kept).ordinal >= ordinal) return;
    const from = list.findIndex((kept) => kept.ordinal >= ordinal);
    if (from < 0) list.length = 0;
    else list.splice(0, from);
  }

  snapshot(): StatementLogSnapshot {
    return Array.from(this.kept, (list) => list ?? []);
  }

  restore(kept: StatementLogSnapshot): void {
    this.kept.length = 0;
    for (const list of kept) this.kept.push([...list]);
  }

  private keep(series: number, kept: Kept): void {
    let list = this.kept[series];
    if (list === undefined) {
      list = [];
      this.kept[series] = list;
    }
    list.push(kept);
  }
}

/** A bar that came in between shifts the ordinals of those behind it; its start stays. */
function isAbout({ key, statement }: Kept, barStartUs: number, about: string): boolean {
  return key === about && statement.said.barStartUs === barStartUs;
}

function withdrawn(statement: Statement, head: StatementHead, atUs: number): Statement {
  const change = { ...head, atUs };
  switch (statement.kind) {
    case 'pattern':
      return { kind: 'pattern', said: { ...statement.said, ...change } };
    case 'regime':
      return { kind: 'regime', said: { ...statement.said, ...change } };
    case 'signal':
      return { kind: 'signal', said: { ...statement.said, ...change } };
  }
}

/**
 * Whether two statements say the same. Odds are left out: they rest on what was learned until then, not on the bar, and
 * the time and bar revision of a statement say when it was made, not what.
 */
function sameContent(a: Statement, b: Statement): boolean {
  return same(a.said, b.said);
}

const NOT_CONTENT: ReadonlySet<string> = new Set([
  'id',
  'change',
  'replaces',
  'atUs',
  'barRevision',
  'knowableAtUs',
  'odds',
  'patterns',
]);

function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const left = a as Readonly<Record<string, unknown>>;
  const right = b as Readonly<Record<string, unknown>>;
  const names = Object.keys(left);
  if (names.length !== Object.keys(right).length) return false;
  return names.every((name) => NOT_CONTENT.has(name) || same(left[name], right[name]));
}
