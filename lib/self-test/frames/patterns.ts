import type { FramePattern, Json, Matcher, Step } from '../../config/plan.ts';
import { hasTemplate } from '../../config/templates.ts';
import type { MatchEngines } from '../../match/engines.ts';
import { isObject } from '../../match/json-place.ts';
import type { Message } from '../../sequence/codec/codec.ts';
import { compilePattern } from '../../sequence/pattern.ts';

/** What a step looks for among the frames that come. */
const patternsOf = (step: Step): readonly FramePattern[] => {
  if (step.type === 'idempotent') {
    return [...(step.action.kind === 'send' ? [step.action.answer] : []), step.events.pattern];
  }
  if (step.type !== 'expect') return [];
  const { expectation } = step;
  switch (expectation.kind) {
    case 'inOrder':
    case 'unordered':
      return expectation.patterns;
    case 'one':
    case 'count':
      return [expectation.pattern];
    case 'absent':
      return expectation.afterSeen ? [expectation.afterSeen] : [];
  }
};

const isLiteral = (json: Json): boolean => !hasTemplate(JSON.stringify(json));

/** Without what only a run can fill in. */
const literalJson = (json: { readonly [key: string]: Json }): { readonly [key: string]: Json } =>
  Object.fromEntries(
    Object.entries(json).flatMap(([key, value]) => {
      if (isLiteral(value)) return [[key, value]];
      return isObject(value) ? [[key, literalJson(value)]] : [];
    }),
  );

const isPlain = (matcher: Matcher): boolean =>
  matcher.every((term) => (term.op === 'not' ? isPlain(term.matcher) : term.op !== 'schema' && isLiteral(term.value)));

const plainOnly = (record: FramePattern['paths'] | NonNullable<FramePattern['fields']>): FramePattern['paths'] =>
  Object.fromEntries(Object.entries(record).filter(([, matcher]) => isPlain(matcher)));

/** A pattern as far as it stands in the plan: captures are for a run to know. */
const literalPart = ({ subset, paths, fields, anyOf }: FramePattern): FramePattern => ({
  subset: literalJson(subset),
  paths: plainOnly(paths),
  ...(fields ? { fields: plainOnly(fields) } : {}),
  ...(anyOf ? { anyOf: anyOf.map(literalPart) } : {}),
});

/** Whether a message agrees with a pattern, as far as the plan alone can tell. */
export const agrees = (pattern: FramePattern, message: Message, engines: MatchEngines): boolean =>
  compilePattern(literalPart(pattern), engines, (text) => text).matches(message);

/** The step's patterns that a message agrees with. */
export const patternsFor = (step: Step, message: Message, engines: MatchEngines): readonly FramePattern[] =>
  patternsOf(step).filter((pattern) => agrees(pattern, message, engines));
