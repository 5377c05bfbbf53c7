import type { Json } from '../config/plan.ts';
import type { StepOutcome } from '../result/result.ts';
import type { Message } from '../sequence/codec/codec.ts';
import type { Claim } from './frames/claims.ts';

/** One answer over HTTP. */
export type SeenAnswer = {
  readonly origin: string;
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly status: number;
  readonly contentType?: string;
  readonly bodyBytes: number;
  /** The body, where it is JSON and was kept. */
  readonly json?: Json;
};

/** One frame that a target sent. */
export type SeenFrame = {
  readonly origin: string;
  /** Number of its websocket at its origin, from 1. */
  readonly connection: number;
  /** Frames that the probe had sent on this websocket before it came. */
  readonly sentBefore: number;
  readonly bytes: number;
  /** Absent of a binary frame. */
  readonly text?: string;
  /** The frame as one JSON document, where it is one. */
  readonly json?: Json;
  /** What the probe's codec reads in it. */
  readonly messages: readonly Message[];
};

/** What passed between a probe and its targets in a run without faults, each kind in its order. */
export type Seen = {
  readonly steps: readonly StepOutcome[];
  readonly answers: readonly SeenAnswer[];
  readonly frames: readonly SeenFrame[];
  /** Which step claimed which of them. */
  readonly claims: readonly Claim[];
  /** Origins of the websockets. */
  readonly websockets: readonly string[];
};
