/** Two views of a script in which offsets and line numbers stay those of the original. */
export interface ScannedSource {
  /** Comments blanked out. */
  readonly code: string;
  /** Comments, and the insides of strings, templates and regular expressions, blanked out. */
  readonly bareCode: string;
}

/** After one of these a slash starts a regular expression; after anything else it divides. */
const BEFORE_REGEX =
  /(?:^|[(,=:[!&|?{};+\-*%<>~^]|=>|\b(?:return|typeof|case|in|of|do|else|throw|new|delete|void|yield|await))\s*$/;

const NEWLINE = /[^\n]/g;

class Scanner {
  readonly #text: string;
  #at = 0;
  #code = '';
  #bare = '';

  constructor(text: string) {
    this.#text = text;
  }

  scan(): ScannedSource {
    this.#codeUntil(undefined);
    return { code: this.#code, bareCode: this.#bare };
  }

  /** Copies code until the brace that closes a template's `${`, or the end of the text. */
  #codeUntil(closing: '}' | undefined): void {
    let depth = 0;
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at] as string;
      const next = this.#text[this.#at + 1];
      if (char === '/' && next === '/') this.#comment(this.#endOf('\n', 0));
      else if (char === '/' && next === '*') this.#comment(this.#endOf('*/', 2));
      else if (char === "'" || char === '"') this.#literal(this.#endOfQuoted(char));
      else if (char === '`') this.#template();
      else if (char === '/' && this.#regexMayStart()) this.#literal(this.#endOfRegex());
      else {
        if (char === '{') depth += 1;
        if (char === '}') {
          if (depth === 0 && closing !== undefined) return;
          depth -= 1;
        }
        this.#keep(this.#at + 1);
      }
    }
  }

  #regexMayStart(): boolean {
    return BEFORE_REGEX.test(this.#bare.slice(-40));
  }

  #endOf(mark: string, markLength: number): number {
    const found = this.#text.indexOf(mark, this.#at + markLength);
    return found === -1 ? this.#text.length : found + markLength;
  }

  #endOfQuoted(quote: string): number {
    let at = this.#at + 1;
    while (at < this.#text.length && this.#text[at] !== quote && this.#text[at] !== '\n') {
      at += this.#text[at] === '\\' ? 2 : 1;
    }
    return at + 1;
  }

  #endOfRegex(): number {
    let at = this.#at + 1;
    let inClass = false;
    while (at < this.#text.length && this.#text[at] !== '\n') {
      const char = this.#text[at];
      if (char === '/' && !inClass) break;
      if (char === '[') inClass = true;
      if (char === ']') inClass = false;
      at += char === '\\' ? 2 : 1;
    }
    return at + 1;
  }

  #template(): void {
    this.#keep(this.#at + 1);
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at];
      if (char === '`') {
        this.#keep(this.#at + 1);
        return;
      }
      if (char === '$' && this.#text[this.#at + 1] === '{') {
        this.#keep(this.#at + 2);
        this.#codeUntil('}');
        this.#keep(this.#at + 1);
      } else this.#blankBare(this.#at + (char === '\\' ? 2 : 1));
    }
  }

  #keep(end: number): void {
    const part = this.#text.slice(this.#at, end);
    this.#code += part;
    this.#bare += part;
    this.#at = end;
  }

  #comment(end: number): void {
    const blank = this.#text.slice(this.#at, end).replace(NEWLINE, ' ');
    this.#code += blank;
    this.#bare += blank;
    this.#at = end;
  }

  /** Keeps the delimiters of a string or regular expression, so that it still reads as a value. */
  #literal(end: number): void {
    this.#keep(this.#at + 1);
    this.#blankBare(Math.max(this.#at, end - 1));
    this.#keep(end);
  }

  #blankBare(end: number): void {
    const part = this.#text.slice(this.#at, end);
    this.#code += part;
    this.#bare += part.replace(NEWLINE, ' ');
    this.#at = end;
  }
}

/** Blanks out what is not code, well enough for tidiness rules (it is no parser). */
export function scanSource(text: string): ScannedSource {
  return new Scanner(text).scan();
}
