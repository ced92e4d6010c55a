/** One measured value beside the peer or ceiling it was taken with, in the same run. */
export interface Figure {
  /** Id of the claim (performance.md). */
  readonly id: string;
  readonly value: number;
  readonly unit: string;
  /** Peer, ceiling or stated goal. */
  readonly against: string;
  /** How many times better than `against` we are; above 1 = better. */
  readonly ratio: number;
}

/** What one suite has to tell. */
export interface SuiteResult {
  readonly figures: readonly Figure[];
  /** Rows that could not be taken, each with the reason. */
  readonly skipped: readonly string[];
  /** Facts beside the figures, for people. */
  readonly notes: readonly string[];
}

/** Puts the rows of a suite together. */
export class Report implements SuiteResult {
  readonly figures: Figure[] = [];
  readonly skipped: string[] = [];
  readonly notes: string[] = [];
  private readonly id: string;

  constructor(id: string) {
    this.id = id;
  }

  /** A value for which less is better (time or bytes per unit). */
  less(value: number, unit: string, against: string, theirs: number): void {
    this.figures.push({ id: this.id, value: rounded(value), unit, against, ratio: rounded(theirs / value) });
  }

  /** A value for which more is better (a rate). */
  more(value: number, unit: string, against: string, theirs: number): void {
    this.figures.push({ id: this.id, value: rounded(value), unit, against, ratio: rounded(value / theirs) });
  }

  skip(reason: string): void {
    this.skipped.push(`${this.id}: ${reason}`);
  }

  note(text: string): void {
    this.notes.push(`${this.id}: ${text}`);
  }
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
