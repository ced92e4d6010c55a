import { ADAPTERS, type AdapterDefinition } from '../../sources/index.ts';
import { MISNAMED_SECRETS, type Secret } from '../config/index.ts';

type Secrets = ReadonlyMap<string, Secret>;

/** What the keys of a provider look like, for a hint after a refusal: never a reason to refuse one. */
const SHAPES: Readonly<Record<string, readonly [shape: RegExp, words: string]>> = {
  ALPACA_API_KEY_ID: [/^[APC]K[A-Z0-9]{12,}$/, 'begins with PK, AK or CK and has capitals and digits only'],
  ALPACA_API_SECRET_KEY: [/^[A-Za-z0-9/+]{36,}$/, 'has 36 characters or more'],
  POLYGON_API_KEY: [/^[A-Za-z0-9_-]{32}$/, 'has 32 characters'],
  FINNHUB_API_KEY: [/^[a-z0-9]{16,44}$/, 'has small letters and digits only'],
  TWELVEDATA_API_KEY: [/^[0-9a-f]{32}$/, 'has 32 digits from 0 to f'],
  FRED_API_KEY: [/^[0-9a-z]{32}$/, 'has 32 small letters and digits'],
};

/** Says which variables a source needs, and where its key may have gone instead. `undefined`: nothing is missing. */
export function missingKeys(definition: AdapterDefinition, secrets: Secrets): string | undefined {
  const missing = definition.secrets.filter(({ name, isRequired }) => isRequired && !secrets.has(name));
  if (missing.length === 0) return undefined;
  const names = missing.map(({ name }) => name);
  const sentence = `source: ${definition.id} needs ${names.join(' and ')} in the environment or in .env`;
  const misnamed = Object.entries(MISNAMED_SECRETS).filter(([set, meant]) => names.includes(meant) && secrets.has(set));
  if (misnamed.length > 0) {
    return `${sentence}; ${misnamed.map(([set, meant]) => `${set} is set, but the name is ${meant}`).join(', ')}.`;
  }
  const set = definition.secrets.filter(({ name }) => secrets.has(name)).map(({ name }) => name);
  if (set.length > 0) return `${sentence}; ${set.join(' and ')} alone is set.`;
  const others = ADAPTERS.flatMap((other) => other.secrets.map(({ name }) => [name, other.id] as const));
  const foreign = others.filter(([name]) => secrets.has(name)).map(([name, id]) => `${name} (of ${id})`);
  return foreign.length === 0 ? `${sentence}.` : `${sentence}; set instead: ${foreign.join(', ')}.`;
}

/** What to look at after a provider refused its key: the variables, and what is odd about their values. */
export function refusedKeyHint(definition: AdapterDefinition, secrets: Secrets): string {
  const own = definition.secrets.filter(({ name }) => secrets.has(name)).map(({ name }) => name);
  if (own.length === 0) return '';
  const notes = own.flatMap((name) => noteOn(name, secrets));
  return `check ${own.join(' and ')}${notes.length === 0 ? '' : `: ${notes.join('; ')}`}`;
}

function noteOn(name: string, secrets: Secrets): readonly string[] {
  const value = secrets.get(name)?.reveal() ?? '';
  const twin = [...secrets].find(([other, secret]) => other !== name && secret.reveal() === value)?.[0];
  if (twin !== undefined) return [`${name} holds the same text as ${twin}`];
  const [shape, words] = SHAPES[name] ?? [];
  if (shape === undefined || words === undefined || shape.test(value)) return [];
  const fitting = Object.entries(SHAPES).filter(([other, [each]]) => other !== name && each.test(value));
  const meant = fitting.length === 1 ? `, which looks like ${fitting[0]?.[0]}` : '';
  return [`a key for ${name} ${words}, this one has not${meant}`];
}
