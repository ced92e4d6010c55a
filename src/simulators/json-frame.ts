/** A client's frame as a JSON object; `undefined` when it is none. */
export function objectFrame(frame: string | Uint8Array): Readonly<Record<string, unknown>> | undefined {
  const text = typeof frame === 'string' ? frame : new TextDecoder().decode(frame);
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The one value of a header that may come several times. */
export function headerText(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
