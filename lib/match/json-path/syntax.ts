import type parse from 'jsonpath-rfc9535/parser';

// The parser exports one function and no types of its own: they are what it returns.
export type Query = ReturnType<typeof parse>;
export type Segment = Query['segments'][number];
type Bracketed = Extract<Segment['node'], { type: 'BracketedSelection' }>;
export type Selector = Bracketed['selectors'][number] | Segment['node'];
export type Filter = Extract<Selector, { type: 'FilterSelector' }>['value'];
export type Slice = Extract<Selector, { type: 'SliceSelector' }>;
export type Comparison = Extract<Filter, { type: 'ComparisonExpr' }>;
export type Comparable = Comparison['left'];
export type SingularQuery = Extract<Comparable, { segments: unknown }>;
export type FilterQuery = Extract<Extract<Filter, { type: 'TestExpr' }>['expression'], { type: 'FilterQuery' }>;
export type FunctionCall = Extract<Comparable, { type: 'FunctionExpr' }>;
export type Argument = FunctionCall['arguments'][number];
