import type { Place } from '../place.ts';
import type { TargetInput } from '../schema/config.ts';
import { checkCodecNames } from './codec.ts';
import { checkTemplates, type Scope, variableScope } from './names.ts';

type Ledger = NonNullable<TargetInput['ledger']>;

/** What a step may be filled in with; its name and captures are no templates. */
const rendered = (step: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => {
  const { name: _name, mark: _mark, capture: _capture, ...rest } = step;
  return rest;
};

/** Steps of one entry: they know its id, and those after the write what it captured. */
const checkEntrySteps = (ledger: Ledger, place: Place, scope: Scope, variables: ReadonlySet<string>): void => {
  const captures = Object.keys(ledger.write.capture ?? {});
  for (const name of captures) {
    if (!variables.has(name)) continue;
    const at = place.at('write', 'capture');
    at.refuse(`captures \`${name}\`, which is the name of a variable`, { remedy: 'call the capture something else' });
  }
  const known = new Set([...variables, 'entry.id']);
  const later = new Map(captures.map((name) => [name, 'write']));
  checkTemplates(rendered(ledger.write), place.at('write'), { ...scope, known, later, inSteps: true });
  const after = { ...scope, known: new Set([...known, ...captures]), inSteps: true };
  checkTemplates(rendered(ledger.read), place.at('read'), after);
  if (ledger.remove) checkTemplates(rendered(ledger.remove), place.at('remove'), after);
};

/** A slip such as `{{entry.idd}}` is reported already. A write that does not carry the entry's id writes nothing that could be told from anything else. */
const checkWritten = ({ write }: Ledger, place: Place): void => {
  if (place.isWhole(write) && !/\{\{\s*entry\b/.test(JSON.stringify(write.request))) {
    const remedy = "write it into the url, a header or the body, such as json: { title: '{{entry.id}}' }";
    place.at('request').refuse('never says {{entry.id}}, and so all entries are the same', { remedy });
  }
};

/** Templates of a target: a listing, a projection and a stream are of all entries, and know none. */
export const checkTargetNames = (
  target: TargetInput,
  place: Place,
  variables: ReadonlySet<string>,
  lost: ReadonlySet<string>,
): void => {
  const { ledger, ...rest } = target;
  const scope = variableScope(variables, lost);
  checkTemplates(rest, place, scope);
  if (!ledger) return;
  const at = place.at('ledger');
  checkEntrySteps(ledger, at, scope, variables);
  checkWritten(ledger, at.at('write'));
  if (ledger.list) checkTemplates(rendered(ledger.list), at.at('list'), scope);
  for (const [step, spot] of at.at('projections').items(ledger.projections))
    checkTemplates(rendered(step), spot, scope);
  if (!ledger.follow) return;
  const { codec, ...follow } = ledger.follow;
  checkTemplates(follow, at.at('follow'), scope);
  checkCodecNames(codec, at.at('follow', 'codec'), variables, lost);
};
