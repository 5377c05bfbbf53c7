const delimiters = [',', ';', '\t'] as const;

/** What stands between the columns of a file, by its first line. */
export const delimiterOf = (header: string): string => delimiters.find((each) => header.includes(each)) ?? ',';

const unquote = (field: string): string => {
  const trimmed = field.trim();
  return trimmed.startsWith('"') && trimmed.endsWith('"') && trimmed.length > 1
    ? trimmed.slice(1, -1).replaceAll('""', '"').trim()
    : trimmed;
};

/** Fields of a row in which something is quoted. A quotation ends with its line at the latest. */
export const splitFields = (row: string, delimiter: string): readonly string[] => {
  const fields: string[] = [];
  let from = 0;
  let quoted = false;
  for (let at = 0; at <= row.length; at += 1) {
    if (row[at] === '"') quoted = !quoted;
    if (at < row.length && (quoted || row[at] !== delimiter)) continue;
    fields.push(unquote(row.slice(from, at)));
    from = at + 1;
  }
  return fields;
};
