type Row = Readonly<Record<string, unknown>>;

/** What a column holds as JSON. */
export const documentOf = <T>(row: Row, column = 'document'): T => JSON.parse(String(row[column]));

/** The same of a column that may be empty. */
export const documentIn = <T>(row: Row | undefined, column: string): T | undefined =>
  typeof row?.[column] === 'string' ? documentOf<T>(row, column) : undefined;
