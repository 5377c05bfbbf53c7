/** One time series: its labels as they stand, and its value. */
export type Series = { readonly labels: string; readonly value: string };

/** A name of its own, labels in braces whose texts may hold braces, a value (Prometheus text format 0.0.4). */
const line = /^([a-zA-Z_:][\w:]*)[ \t]*(\{(?:[^"}]|"(?:[^"\\]|\\.)*")*\})?[ \t]+(\S+)/;

/** The series of a metric, in the order in which they stand. */
export const seriesOf = (text: string, name: string): readonly Series[] =>
  text.split('\n').flatMap((one) => {
    if (!one.startsWith(name)) return [];
    const [, found, labels = '', value = ''] = line.exec(one) ?? [];
    return found === name ? [{ labels, value }] : [];
  });
