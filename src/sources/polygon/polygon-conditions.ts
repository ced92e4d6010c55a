import type { TextTable } from '../../base/index.ts';

/** Letters of the consolidated tape for the provider's numbers of trade conditions. */
const LETTERS: Readonly<Record<number, string>> = {
  0: '@',
  1: 'A',
  2: 'W',
  3: 'E',
  4: 'B',
  5: 'G',
  7: 'C',
  8: '6',
  9: 'X',
  10: '4',
  11: 'D',
  12: 'T',
  13: 'U',
  14: 'F',
  15: 'M',
  16: 'Q',
  17: 'O',
  18: '5',
  19: '6',
  20: 'N',
  21: 'H',
  22: 'P',
  23: 'K',
  24: 'K',
  25: 'O',
  27: '1',
  28: '5',
  29: 'R',
  30: 'L',
  33: 'Z',
  34: 'S',
  36: 'Y',
  37: 'I',
  38: '9',
  41: '8',
  52: 'V',
  53: '7',
};

/** Turns lists of condition numbers into texts of tape letters, each list once. */
export class PolygonConditions {
  private readonly texts: TextTable;
  private readonly known = new Map<string, number>();

  constructor(texts: TextTable) {
    this.texts = texts;
  }

  /** Id of a list that was met before. */
  find(codes: readonly unknown[]): number | undefined {
    return codes.length === 0 ? 0 : this.known.get(codes.join(','));
  }

  /** Id of the text; 0 for none. Unknown numbers stay as `code-N`, which no rule set takes for a letter. */
  idOf(codes: unknown): number {
    if (!Array.isArray(codes) || codes.length === 0) return 0;
    const key = codes.join(',');
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const id = this.texts.intern(codes.map((code) => LETTERS[Number(code)] ?? `code-${code}`).join(','));
    this.known.set(key, id);
    return id;
  }
}
