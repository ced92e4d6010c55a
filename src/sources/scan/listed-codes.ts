/**
 * Id of a JSON list by the text between its brackets.
 * @param idOf id of the list's elements; `undefined` for none
 */
export function idOfList(text: string, idOf: (codes: readonly unknown[]) => number | undefined): number | undefined {
  try {
    return idOf(JSON.parse(`[${text}]`) as readonly unknown[]);
  } catch {
    // No list: the frame is no JSON, and its reading as text will say so.
    return undefined;
  }
}
