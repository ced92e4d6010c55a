/** The one ascending sequence of event ids. It begins above every id of earlier runs: at the time in microseconds. */
export class EventIds {
  private lastId: number;

  constructor(last: number) {
    this.lastId = last;
  }

  /** The id given out last. */
  get last(): number {
    return this.lastId;
  }

  next(): number {
    this.lastId += 1;
    return this.lastId;
  }
}
