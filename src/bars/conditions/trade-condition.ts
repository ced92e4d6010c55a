/**
 * Trade conditions in the letters of the US consolidated tape (CTS and UTP sale conditions), the common tongue of the
 * rule sets. Letters that the two plans use alike share one entry; where they differ the comment says so.
 */
export const TRADE_CONDITIONS = {
  '@': 'regular sale',
  A: 'acquisition',
  B: 'bunched trade (UTP); average price trade (CTS)',
  C: 'cash trade',
  D: 'distribution',
  E: 'automatic execution',
  F: 'intermarket sweep',
  G: 'bunched sold trade',
  H: 'price variation trade',
  I: 'odd lot trade',
  K: 'rule 127 or rule 155 trade',
  L: 'sold last',
  M: 'market centre official close',
  N: 'next day trade',
  O: 'opening print',
  P: 'prior reference price',
  Q: 'market centre official open',
  R: 'seller',
  S: 'split trade',
  T: 'form T, extended hours trade',
  U: 'extended hours, sold out of sequence',
  V: 'contingent trade',
  W: 'average price trade',
  X: 'cross trade',
  Y: 'yellow flag regular trade',
  Z: 'sold out of sequence',
  '1': 'stopped stock, regular trade',
  '2': 'stopped stock, sold last',
  '3': 'stopped stock, sold out of sequence',
  '4': 'derivatively priced',
  '5': 'market centre reopening trade',
  '6': 'market centre closing trade',
  '7': 'qualified contingent trade',
  '8': 'reserved, exempt from trade-through',
  '9': 'corrected consolidated close',
} as const;

export type TradeCondition = keyof typeof TRADE_CONDITIONS;

/** Flags of the hexadecimal condition sets, by their bit, as letters; bits that say nothing about prices are absent. */
const LETTER_OF_BIT: readonly (readonly [bit: number, letter: TradeCondition])[] = [
  [0x1, '@'],
  [0x2, 'C'],
  [0x4, 'N'],
  [0x8, 'R'],
  [0x10, 'Y'],
  [0x20, 'F'],
  [0x40, 'O'],
  [0x80, '6'],
  [0x100, '5'],
  [0x200, '4'],
  [0x400, 'T'],
  [0x800, 'L'],
  [0x1000, '1'],
  [0x2000, 'T'],
  [0x4000, 'Z'],
  [0x8000, 'S'],
  [0x1_0000, 'A'],
  [0x2_0000, 'B'],
  [0x4_0000, 'V'],
  [0x8_0000, 'D'],
  [0x10_0000, 'W'],
  [0x20_0000, 'X'],
  [0x40_0000, 'H'],
  [0x80_0000, 'K'],
  [0x100_0000, 'M'],
  [0x200_0000, 'P'],
  [0x400_0000, 'Q'],
  [0x1000_0000, 'E'],
  [0x8000_0000, 'I'],
];
const TRADE_THROUGH_EXEMPT = 0x2000_0000;

/** What a condition text says, whatever its spelling. */
export interface ConditionSet {
  readonly letters: ReadonlySet<TradeCondition>;
  /** The print is exempt from the trade-through rule (a bit of its own in the hexadecimal sets). */
  readonly isTradeThroughExempt: boolean;
  /** The vendor marks the print as suspicious. */
  readonly isSuspicious: boolean;
}

const HEXADECIMAL = /^[0-9a-f]{2,8}$/;

/**
 * Reads the condition text of a trade. Understood are hexadecimal flag sets (`20002020`, `1;suspicious`) and tape
 * letters, joined by commas, spaces or nothing (`@,T`, `@ TI`, `4`). Words (`buyerMaker` of crypto venues) and unknown
 * letters say nothing: the trade is regular. A single character is a letter, because a single flag below 10 and the
 * letter of the same digit differ only for next-day, cash and seller trades, which a bar treats alike.
 */
export function parseConditions(text: string): ConditionSet {
  const parts = text.split(';');
  const body = (parts[0] as string).trim();
  const isSuspicious = parts.slice(1).some((part) => part.trim().toLowerCase() === 'suspicious');
  if (HEXADECIMAL.test(body)) {
    const bits = Number.parseInt(body, 16);
    const letters = LETTER_OF_BIT.filter(([bit]) => (bits & bit) !== 0).map(([, letter]) => letter);
    return { letters: new Set(letters), isTradeThroughExempt: (bits & TRADE_THROUGH_EXEMPT) !== 0, isSuspicious };
  }
  const letters = new Set<TradeCondition>();
  for (const token of body.split(/[\s,]+/)) {
    // Longer tokens are either letters run together as the tapes print them, or a word of another vocabulary.
    if (token.length > 4) continue;
    for (const letter of token) if (Object.hasOwn(TRADE_CONDITIONS, letter)) letters.add(letter as TradeCondition);
  }
  return { letters, isTradeThroughExempt: letters.has('7') || letters.has('8'), isSuspicious };
}
