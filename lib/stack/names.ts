/** The functions of a stack: a folder each under dist/functions, made by build/functions.ts. */
export const functionNames = ['dispatch', 'probe', 'judge', 'page'] as const;
export type FunctionName = (typeof functionNames)[number];

/** Those of a stack whose plan has drills. */
export const drillFunctionNames = ['drill', 'restart'] as const;
export type DrillFunctionName = (typeof drillFunctionNames)[number];

/** File in each folder, and what it exports. */
export const handlerFile = 'index.js';
export const handler = 'index.handler';
