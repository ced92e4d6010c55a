import { TickloomError } from './errors.ts';

/**
 * Interns texts as dense integer ids, so that columns can hold them. Id 0 is always the empty text ("none"). Bounded:
 * the table refuses the entry after `capacity` (policy `halt`), because ids can not be reused while columns hold them.
 */
export class TextTable {
  private readonly ids = new Map<string, number>([['', 0]]);
  private readonly texts: string[] = [''];
  private readonly capacity: number;
  private readonly label: string;

  constructor(label: string, capacity = 1_000_000) {
    this.label = label;
    this.capacity = capacity;
  }

  get size(): number {
    return this.texts.length;
  }

  /** The id of `text`, given out on first sight. */
  intern(text: string): number {
    const known = this.ids.get(text);
    if (known !== undefined) return known;
    if (this.texts.length >= this.capacity) {
      throw new TickloomError('table-full', `The table of ${this.label} is full (${this.capacity} entries).`);
    }
    const id = this.texts.length;
    this.ids.set(text, id);
    this.texts.push(text);
    return id;
  }

  find(text: string): number | undefined {
    return this.ids.get(text);
  }

  /** All texts in the order of their ids. */
  all(): readonly string[] {
    return this.texts;
  }

  text(id: number): string {
    const text = this.texts[id];
    if (text === undefined) throw new TickloomError('unknown-id', `No ${this.label} with id ${id}.`);
    return text;
  }
}
