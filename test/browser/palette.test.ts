import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const css = readFileSync(new URL('../../web/styles/tokens.css', import.meta.url), 'utf8');

/** Custom properties of the rules whose selector is exactly that one. */
function tokens(selector: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const match of css.matchAll(/([^{}]+)\{([^{}]*)\}/g)) {
    if ((match[1] as string).replace(/\/\*.*?\*\//gs, '').trim() !== selector) continue;
    for (const line of (match[2] as string).matchAll(/--([\w-]+):\s*([^;]+);/g)) {
      found.set(line[1] as string, line[2] as string);
    }
  }
  if (found.size === 0) throw new Error(`tokens.css has no rule for ${selector}`);
  return found;
}

function luminance(hex: string): number {
  const channels = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255);
  const [r, g, b] = channels.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)) as [
    number,
    number,
    number,
  ];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Contrast ratio of WCAG 2. */
function contrast(a: string, b: string): number {
  const [lighter, darker] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (lighter + 0.05) / (darker + 0.05);
}

const DARK = tokens(':root');
const LIGHT = new Map([...DARK, ...tokens(':root[data-theme="light"]')]);

function themed(base: Map<string, string>, theme: string, palette: string): Map<string, string> {
  if (palette === 'safe') return base;
  return new Map([...base, ...tokens(`:root[data-theme="${theme}"][data-palette="${palette}"]`)]);
}

describe('palette', () => {
  for (const [theme, base] of [
    ['dark', DARK],
    ['light', LIGHT],
  ] as const) {
    for (const palette of ['safe', 'classic', 'red-up']) {
      it(`${theme} ${palette}: text at 4.5, controls and focus at 3, on page, panel and tinted bars`, () => {
        const set = themed(base, theme, palette);
        const of = (name: string): string => set.get(name) as string;
        const short: string[] = [];
        const need = (a: string, b: string, least: number): void => {
          const ratio = contrast(of(a), of(b));
          if (ratio < least) short.push(`${a} on ${b}: ${ratio.toFixed(2)} < ${least}`);
        };
        for (const ground of ['page', 'panel']) {
          for (const text of ['text', 'muted', 'up', 'down', 'late', 'critical', 'prediction']) need(text, ground, 4.5);
          for (const mark of ['border', 'focus']) need(mark, ground, 3);
        }
        for (const bar of ['mode-demo', 'mode-replay']) for (const text of ['text', 'muted']) need(text, bar, 4.5);
        for (const badge of ['late', 'critical']) need('on-badge', badge, 4.5);
        expect(short).toEqual([]);
      });
    }
  }

  it('has the exact pairs of the design brief', () => {
    expect([DARK.get('up'), DARK.get('down'), LIGHT.get('up'), LIGHT.get('down')]).toEqual([
      '#4da3ff',
      '#ff8a3d',
      '#0a5fb4',
      '#b34700',
    ]);
    expect(themed(DARK, 'dark', 'red-up').get('up')).toBe(themed(DARK, 'dark', 'classic').get('down'));
  });
});
