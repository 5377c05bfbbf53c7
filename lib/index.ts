import type { Config } from './config/schema/config.ts';

export type {
  Json,
  Plan,
  Severity,
  VariableSource,
} from './config/plan.ts';
export type { Config, DrillInput, ProbeInput, RequestInput, StepInput, TargetInput } from './config/schema/config.ts';
export type { Expected, FramePatternInput, MatcherInput } from './config/schema/matcher.ts';
export type { Run, RunDocument, RunStatus, Verdict } from './result/result.ts';

/** Gives a TypeScript config its types and completion; the value is returned as it is, and checked when it is loaded. */
export const defineConfig = (config: Config): Config => config;
