import { StateMachine } from 'aws-local-stepfunctions';
import { drillMachine } from '../../drill/machine.ts';
import type { Request } from '../../drill/record.ts';
import { type DrillState, type StepAnswer, taskStates } from '../../drill/states.ts';

export type MachineRun = {
  readonly request: Request;
  /** `$$.Execution.Id`. */
  readonly execution: string;
  /** Carries a state out. What it throws is caught by the machine, by the error's name. */
  readonly handle: (state: DrillState) => Promise<StepAnswer>;
};

/** Its validator knows the definition as plain JSON; the cloud deploys the same. */
type Definition = ConstructorParameters<typeof StateMachine>[0];

// An alias of the functions: here each state has a handler of its own.
const names = { drill: 'drill', restart: 'restart' };

/**
 * Runs the one definition of a drill in this process. Resolves when the machine has ended, in whatever state: what the drill
 * found is in its report.
 */
export const runMachine = async ({ request, execution, handle }: MachineRun): Promise<void> => {
  const definition: unknown = drillMachine(names);
  const machine = new StateMachine(definition as Definition, { validationOptions: { checkArn: false } });
  const handlers = taskStates.map((state) => [state, async () => ({ Payload: await handle(state) })] as const);
  const input = { drill: request.drillId, run: request.runId, request };
  const { result } = machine.run(input, {
    overrides: { taskResourceLocalHandlers: Object.fromEntries(handlers) },
    context: { Execution: { Id: execution } },
  });
  // A Fail state is how it says that the verdict was none of the good ones.
  await result.catch((error: Error) => {
    if (error.name !== 'ExecutionError') throw error;
  });
};
