import type { Settings } from '../state/settings.ts';

/** The colours that a chart needs, read from the page's own custom properties. */
export interface Appearance {
  readonly panel: string;
  readonly text: string;
  readonly muted: string;
  readonly hairline: string;
  readonly border: string;
  readonly up: string;
  readonly down: string;
  readonly late: string;
  readonly hollowUp: boolean;
}

/** Reads the tokens that apply now. */
export function readAppearance(settings: Settings): Appearance {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    panel: token('panel'),
    text: token('text'),
    muted: token('muted'),
    hairline: token('hairline'),
    border: token('border'),
    up: token('up'),
    down: token('down'),
    late: token('late'),
    hollowUp: settings.hollowUp,
  };
}

/** A colour of the palette (`#RRGGBB`) with an opacity from 0 to 1. */
export function withAlpha(hex: string, alpha: number): string {
  const byte = Math.round(alpha * 255)
    .toString(16)
    .padStart(2, '0');
  return `${hex}${byte}`;
}
