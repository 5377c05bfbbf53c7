import type { Fault, FieldEdit } from '../fault.ts';
import { actions } from './actions.ts';
import { writeMatch } from './match.ts';
import { writeDistribution, writeDuration, writeSize, writeWhen } from './quantity.ts';
import { writeLiteral, writePath, writeText } from './text.ts';

const writeEdit = ({ path, value }: FieldEdit): string =>
  value === undefined ? writePath(path) : `${writePath(path)}:${writeLiteral(value)}`;

/** The value behind `=`; nothing where it is the default. */
const writeValue = (fault: Fault): string | undefined => {
  switch (fault.action) {
    case 'delay':
      return writeDistribution(fault.delay);
    case 'error':
      return fault.body === undefined ? `${fault.status}` : `${fault.status},${writeText(fault.body)}`;
    case 'hang':
      return fault.layer === 'http' && fault.at !== 'headers' ? fault.at : undefined;
    case 'cut':
      return fault.at === 'headers' || fault.at === 'after' ? undefined : fault.at;
    case 'silence':
      return fault.at === 'after' ? undefined : fault.at;
    case 'close':
      return fault.at === 'after' ? `${fault.code}` : `${fault.code},${fault.at}`;
    case 'drip':
      return fault.bytes === 1
        ? writeDuration(fault.everyMs)
        : `${writeSize(fault.bytes)}/${writeDuration(fault.everyMs)}`;
    case 'oversize':
      return writeSize(fault.bytes);
    case 'forget':
      return fault.header;
    case 'wrong-type':
      return writeText(fault.contentType);
    case 'corrupt':
      return fault.field && writeEdit(fault.field);
    case 'merge':
      return writeLiteral(fault.patch);
    case 'reorder':
      return fault.withinMs === 1000 ? undefined : writeDuration(fault.withinMs);
    case 'refuse':
    case 'drop':
    case 'duplicate':
      return undefined;
  }
};

/** Spells a fault so that `parseFault` reads the same one again. */
export const formatFault = (fault: Fault): string => {
  const prefix = fault.layer !== 'http' && Object.hasOwn(actions.http, fault.action) ? `${fault.layer}:` : '';
  const value = writeValue(fault);
  const head = `${prefix}${fault.action}${value === undefined ? '' : `=${value}`}`;
  return [fault.when ? `${head}@${writeWhen(fault.when)}` : head, ...writeMatch(fault)].join(' ');
};
