/**
 * Whether a text is as a glob says: `*` is any run of characters, `?` any one, the rest itself. Time grows with the
 * product of both lengths at worst; there are no expressions that could take longer.
 */
export function matchesGlob(glob: string, text: string): boolean {
  let at = 0;
  let next = 0;
  let star = -1;
  let resumeAt = 0;
  while (at < text.length) {
    const wanted = glob[next];
    if (wanted === '*') {
      star = next++;
      resumeAt = at;
    } else if (wanted === '?' || wanted === text[at]) {
      at++;
      next++;
    } else if (star >= 0) {
      next = star + 1;
      at = ++resumeAt;
    } else return false;
  }
  while (glob[next] === '*') next++;
  return next === glob.length;
}
