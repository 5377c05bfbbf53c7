/** A history that cannot be read; carries one sentence for a person. */
export class HistoryError extends Error {
  override readonly name = 'HistoryError';
}
