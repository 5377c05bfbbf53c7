import { element, type XmlElement } from '../xml.ts';
import type { Case } from './cases.ts';

/** What a suite says of its cases. */
export type CaseCounts = Readonly<Record<'tests' | 'failures' | 'errors' | 'skipped', number>>;

export function countsOf(cases: readonly Case[]): CaseCounts {
  const count = (kind: Case['result']['kind']): number => cases.filter((one) => one.result.kind === kind).length;
  return { tests: cases.length, failures: count('failure'), errors: count('error'), skipped: count('skipped') };
}

export function caseElement(classname: string, one: Case): XmlElement {
  const note = one.note === undefined ? [] : [element('system-out', {}, [one.note])];
  const attributes = { name: one.name, classname, time: inSeconds(one.timeMs ?? 0) };
  return element('testcase', attributes, [...resultElements(one), ...note]);
}

export function propertiesElement(properties: Readonly<Record<string, string>>): XmlElement {
  const all = Object.entries(properties).map(([name, value]) => element('property', { name, value }));
  return element('properties', {}, all);
}

/** As JUnit writes times. */
export function inSeconds(ms: number): string {
  return (ms / 1000).toFixed(6);
}

function resultElements({ result }: Case): readonly XmlElement[] {
  switch (result.kind) {
    case 'ok':
      return [];
    case 'failure':
      return [element('failure', { type: result.type, message: result.message })];
    case 'error':
      return [element('error', { type: 'inconclusive', message: result.message })];
    case 'skipped':
      return [element('skipped', { message: result.message })];
  }
}
