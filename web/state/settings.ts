import type { ZoneChoice } from '../time/zone-clock.ts';
import { ALERT_KINDS, ALERT_LEVELS, type AlertKind, type AlertLevel } from './alert-filter.ts';

/** What one browser remembers. */
export interface Settings {
  readonly zone: ZoneChoice;
  readonly theme: 'system' | 'dark' | 'light';
  readonly palette: 'safe' | 'classic' | 'red-up';
  /** Rising bars hollow, falling bars filled: direction without colour. */
  readonly hollowUp: boolean;
  /** Single-key commands. */
  readonly keys: boolean;
  readonly drawer: boolean;
  /** The mildest level that pops up. */
  readonly popUpLevel: AlertLevel | 'off';
  readonly popUpKind: AlertKind | 'all';
  /** Alerts of all symbols, or of the one last looked at. */
  readonly popUpSymbols: 'all' | 'open';
}

/** What a new browser starts with. */
export const DEFAULT_SETTINGS: Settings = {
  zone: 'utc',
  theme: 'system',
  palette: 'safe',
  hollowUp: true,
  keys: true,
  drawer: true,
  popUpLevel: 'HIGH',
  popUpKind: 'all',
  popUpSymbols: 'all',
};

const STORAGE_KEY = 'tickloom.settings';

const ALLOWED: { readonly [K in keyof Settings]: readonly Settings[K][] } = {
  zone: ['utc', 'exchange', 'local'],
  theme: ['system', 'dark', 'light'],
  palette: ['safe', 'classic', 'red-up'],
  hollowUp: [true, false],
  keys: [true, false],
  drawer: [true, false],
  popUpLevel: ['off', ...ALERT_LEVELS],
  popUpKind: ['all', ...ALERT_KINDS],
  popUpSymbols: ['all', 'open'],
};

/** Reads settings from JSON text. Throws an error that names the key and what it may be. */
export function parseSettings(text: string): Settings {
  const found: unknown = JSON.parse(text);
  if (typeof found !== 'object' || found === null || Array.isArray(found)) {
    throw new Error('settings must be one JSON object');
  }
  const result: { [name: string]: unknown } = { ...DEFAULT_SETTINGS };
  for (const [key, value] of Object.entries(found)) {
    if (!Object.hasOwn(ALLOWED, key)) {
      throw new Error(`${key}: unknown setting; known are ${Object.keys(ALLOWED).join(', ')}`);
    }
    const allowed: readonly unknown[] = ALLOWED[key as keyof Settings];
    if (!allowed.includes(value))
      throw new Error(`${key}: ${JSON.stringify(value)} is not one of ${allowed.join(', ')}`);
    result[key] = value;
  }
  return result as unknown as Settings;
}

/** Keeps the settings of this browser, and tells listeners when one changes. */
export class SettingsStore {
  #current: Settings;
  readonly #listeners: ((settings: Settings) => void)[] = [];

  constructor() {
    this.#current = DEFAULT_SETTINGS;
    const saved = localStorage.getItem(STORAGE_KEY);
    if (saved === null) return;
    try {
      this.#current = parseSettings(saved);
    } catch (error) {
      // Settings of another version must not keep the page from starting; the defaults are safe.
      console.warn(`saved settings ignored: ${String(error)}`);
    }
  }

  get current(): Settings {
    return this.#current;
  }

  change(part: Partial<Settings>): void {
    this.#current = { ...this.#current, ...part };
    localStorage.setItem(STORAGE_KEY, JSON.stringify(this.#current));
    for (const listener of this.#listeners) listener(this.#current);
  }

  onChange(listener: (settings: Settings) => void): void {
    this.#listeners.push(listener);
  }
}
