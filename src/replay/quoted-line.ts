const QUOTED = /^"((?:[^"]|"")*)"/;

/** The fields of a line by RFC 4180, or what is wrong with it. */
export function splitQuotedLine(line: string): string[] | string {
  const fields: string[] = [];
  let i = 0;
  for (;;) {
    let field = '';
    if (line[i] === '"') {
      const match = QUOTED.exec(line.slice(i));
      if (match === null) return 'a quotation mark is not closed on its line';
      field = (match[1] as string).replaceAll('""', '"');
      i += match[0].length;
      if (i < line.length && line[i] !== ',') return 'there is text behind a closing quotation mark';
    } else {
      const comma = line.indexOf(',', i);
      const end = comma < 0 ? line.length : comma;
      field = line.slice(i, end);
      i = end;
    }
    fields.push(field);
    if (i >= line.length) return fields;
    i++;
  }
}

/** A name of the header without its quotation marks. */
export function unquoted(name: string): string {
  return name.trim().replace(/^"(.*)"$/, '$1');
}
