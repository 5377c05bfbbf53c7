import type { Place } from '../place.ts';
import type { Step } from '../plan.ts';
import { nearest } from '../problem.ts';

/** Connections and marks are made by one step and named by later ones. */
type Made = { readonly connections: Set<string>; readonly marks: Set<string>; readonly lost: ReadonlySet<string> };

const remedyFor = (name: string, known: ReadonlySet<string>, otherwise: string): string => {
  const near = nearest(name, known);
  return near === undefined ? otherwise : `did you mean \`${near}\`?`;
};

const checkConnection = (as: string, place: Place, { connections, lost }: Made): void => {
  if (connections.has(as) || lost.has(as) || (as === 'main' && lost.has('connect'))) return;
  place.refuse(`connection \`${as}\` is not open here`, {
    remedy: remedyFor(as, connections, `add { connect: { as: '${as}', url: … } } before it`),
  });
};

const checkMark = (mark: string | undefined, place: Place, { marks, lost }: Made): void => {
  if (mark === undefined || marks.has(mark) || lost.has(mark)) return;
  place.refuse(`mark \`${mark}\` is not set before this step`, {
    got: mark,
    remedy: remedyFor(mark, marks, `set it: { send: { mark: '${mark}', … } }`),
  });
};

const checkStep = (step: Step, place: Place, made: Made): void => {
  switch (step.type) {
    case 'request':
      return;
    case 'connect':
      // A refusal that is expected opens nothing.
      if (!step.expectRefused) made.connections.add(step.as);
      return;
    case 'send':
      checkConnection(step.as, place.at('send', 'as'), made);
      if (step.mark !== undefined) made.marks.add(step.mark);
      return;
    case 'expect':
      checkConnection(step.as, place.at('expect', 'as'), made);
      checkMark(step.from, place.at('expect', 'from'), made);
      checkMark(step.latency?.since, place.at('expect', 'latency', 'since'), made);
      return;
    case 'expectClose':
      checkConnection(step.as, place.at('expectClose', 'as'), made);
  }
};

/** Frames are sent on, and looked for in, connections that an earlier step opened; marks are set before they are used. */
export const checkConnections = (steps: readonly (readonly [Step, Place])[], lost: ReadonlySet<string>): void => {
  const made: Made = { connections: new Set(), marks: new Set(), lost };
  for (const [step, place] of steps) checkStep(step, place, made);
};
