/** Columns under each other: text to the left, figures to the right. */
export const renderTable = (rows: readonly (readonly (string | number)[])[]): readonly string[] => {
  const cells = rows.map((row) => row.map(String));
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  // A column is of figures when what stands under its heading is.
  const right = widths.map((_, column) => rows.slice(1).every((row) => typeof row[column] === 'number'));
  const pad = (text: string, column: number): string =>
    right[column] ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0);
  return cells.map((row) => row.map(pad).join('  ').trimEnd());
};
