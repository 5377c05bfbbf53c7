import type { DrillPlan, RestartPlan, TargetPlan } from '../../config/plan.ts';
import { DrillError } from '../../drill/ports.ts';
import type { RestartReceipt } from '../../drill/record.ts';
import type { Clock } from '../../probe/prober.ts';
import { faultOf } from '../fault.ts';
import type { RestartHands } from './clients.ts';

export type RestartKind = RestartPlan['kind'];

/** What an adapter works with. Names and tags come from the plan alone. */
export type RestartDeps<Kind extends RestartKind = RestartKind> = {
  readonly plan: Extract<RestartPlan, { readonly kind: Kind }>;
  /** That what is restarted must bear. */
  readonly tag: TargetPlan['tag'];
  readonly hands: RestartHands;
  readonly clock: Pick<Clock, 'now'>;
};

/** What was found, by the platform's ids, with what a report should know of it. */
export type Found = { readonly ids: readonly string[]; readonly details: RestartReceipt['details'] };

export type Accepted = { readonly platformIds: readonly string[]; readonly details?: RestartReceipt['details'] };

/** One way of restarting. */
export type RestartAdapter = {
  /** Looks, and changes nothing. @throws DrillError `Drill.RestartRefused` when there is nothing that may be restarted. */
  find(signal: AbortSignal): Promise<Found>;
  /** Asks for it, once. @throws whatever the platform answers. */
  ask(
    found: Found,
    asked: { readonly drill: DrillPlan; readonly runId: string; readonly signal: AbortSignal },
  ): Promise<Accepted>;
};

export const refuse = (message: string): DrillError => new DrillError('Drill.RestartRefused', message);

/** `drill=allowed`. */
export const spellTag = ({ key, value }: TargetPlan['tag']): string => `${key}=${value}`;

type Tags = readonly { readonly key: string | undefined; readonly value: string | undefined }[];

/** Whether somebody has allowed it, on the thing itself. */
export const bears = (tags: Tags, tag: TargetPlan['tag']): boolean =>
  tags.some(({ key, value }) => key === tag.key && value === tag.value);

const isClientFault = (error: unknown): boolean =>
  error instanceof Error && (error as { readonly $fault?: unknown }).$fault === 'client';

/**
 * Names what failed. What the platform surely did not take is a refusal; of all else nobody knows.
 */
export const asking = async <T>(what: string, call: () => Promise<T>): Promise<T> => {
  try {
    return await call();
  } catch (error) {
    if (error instanceof DrillError) throw error;
    const message = `${what}: ${faultOf(error, {})?.message ?? (error instanceof Error ? error.message : String(error))}`;
    throw isClientFault(error) ? refuse(message) : new Error(message, { cause: error });
  }
};
