import type { FramePattern } from '../../config/plan.ts';
import { templateNames } from '../../config/templates.ts';
import type { MatchEngines } from '../../match/engines.ts';
import { type CompiledPattern, compilePattern, type Redact } from '../../sequence/pattern.ts';
import type { Values } from '../session.ts';
import { renderPattern } from './render.ts';

/** A pattern of the plan, filled in with these values. @throws TemplateError for a name without a value. */
export type Patterns = (pattern: FramePattern, values: Values) => CompiledPattern;

/** One without templates is compiled once, however often a soak comes by. */
export const createPatterns = (engines: MatchEngines, redact: Redact): Patterns => {
  const fixed = new WeakMap<FramePattern, CompiledPattern | undefined>();
  return (pattern, values) => {
    if (!fixed.has(pattern)) {
      const isFixed = templateNames(pattern).length === 0;
      fixed.set(pattern, isFixed ? compilePattern(pattern, engines, redact) : undefined);
    }
    return fixed.get(pattern) ?? compilePattern(renderPattern(pattern, values), engines, redact);
  };
};
