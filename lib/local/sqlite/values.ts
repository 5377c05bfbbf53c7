type Row = Readonly<Record<string, unknown>>;

/** Epoch ms. @throws RangeError, with the name of what is no ISO time. */
export const timeOf = (name: string, time: string): number => {
  const ms = Date.parse(time);
  if (Number.isNaN(ms)) throw new RangeError(`${name} is no ISO time: ${time}`);
  return ms;
};

/** What a column holds as JSON. */
export const documentOf = <T>(row: Row, column = 'document'): T => JSON.parse(String(row[column]));

/** The same of a column that may be empty. */
export const documentIn = <T>(row: Row | undefined, column: string): T | undefined =>
  typeof row?.[column] === 'string' ? documentOf<T>(row, column) : undefined;
