import { z } from 'zod';
import { connectStep, disconnectStep, expectCloseStep, expectStep, sendStep, within } from './frame-steps.ts';
import { requestStep, stepCommon } from './request.ts';
import { ackStep, idempotentStep, reconnectStep, replayStep } from './resume-steps.ts';
import { byKey, duration, listOf, names, object } from './shape.ts';

const list = listOf(z.string());

const barrierStep = object('a barrier step', {
  ...stepCommon,
  barrier: z
    .union([list, object('barrier', { as: list, within })], { error: () => "write ['a', 'b'], or { as: ['a', 'b'] }" })
    .describe('each connection answers a ping'),
});

const quietStep = object('a quiet step', {
  ...stepCommon,
  quiet: z
    .union([duration(), object('quiet', { as: names().optional(), for: duration(), within })], {
      error: () => "write such as '500ms', or { as: 'a', for: '500ms' }",
    })
    .describe('waits until nothing came for so long; default on all that are open'),
});

const convergeStep = object('a converge step', {
  ...stepCommon,
  converge: object('converge', { as: list, within }).describe('waits until all hold the same state'),
});

/** A request step may hold `expect` too, and so its key decides first. */
const singleSteps = [
  requestStep,
  connectStep,
  sendStep,
  expectStep,
  expectCloseStep,
  disconnectStep,
  reconnectStep,
  replayStep,
  ackStep,
  idempotentStep,
  barrierStep,
  quietStep,
  convergeStep,
] as const;

const singleKeys = [
  'request',
  'connect',
  'send',
  'expect',
  'expectClose',
  'disconnect',
  'reconnect',
  'replay',
  'ack',
  'idempotent',
  'barrier',
  'quiet',
  'converge',
] as const;

const soakStep = object('a soak step', {
  ...stepCommon,
  soak: object('soak', {
    iterations: z.int().min(1).optional().describe('at least one of iterations and duration'),
    duration: duration().optional().describe('begins no iteration after it'),
    every: duration().optional().describe('iteration k is due at k times this; default one after another'),
    fresh: z
      .enum(['connection', 'none'])
      .optional()
      .describe('connection: those that the steps opened are closed after each iteration; default none'),
    steps: listOf(z.union(singleSteps, byKey('a step of a soak', singleKeys))),
    maxFailures: z.int().min(0).optional().describe('failed iterations that are let pass; default 0'),
  }),
});

export const stepKeys = [...singleKeys, 'soak'] as const;

export const step = z.union([...singleSteps, soakStep], byKey('a step', stepKeys));
