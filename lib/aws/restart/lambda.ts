import { GetFunctionConfigurationCommand, InvokeCommand, ListTagsCommand } from '../sdk/lambda.ts';
import { bears, type RestartAdapter, type RestartDeps, refuse, spellTag } from './adapter.ts';

const longestAnswerChars = 400;

/** Invokes a function of the user's own that restarts the target, and waits for its answer; an error of it is a no. */
export const lambdaAdapter = ({ plan, tag, hands }: RestartDeps<'lambda'>): RestartAdapter => ({
  find: async (signal) => {
    const lambda = await hands.look.lambda();
    const options = { abortSignal: signal };
    const command = new GetFunctionConfigurationCommand({ FunctionName: plan.functionName });
    const { FunctionArn } = await lambda.send(command, options);
    const { Tags = {} } = await lambda.send(new ListTagsCommand({ Resource: FunctionArn ?? '' }), options);
    const tags = Object.entries(Tags).map(([key, value]) => ({ key, value }));
    if (!bears(tags, tag))
      throw refuse(`the function ${plan.functionName} has no tag ${spellTag(tag)}: nobody has allowed drills with it`);
    return { ids: [plan.functionName], details: {} };
  },
  ask: async (_, { drill, runId, signal }) => {
    const payload = { drill: drill.id, target: drill.target, run: runId, payload: plan.payload };
    const { FunctionError, Payload } = await (await hands.ask.lambda()).send(
      new InvokeCommand({ FunctionName: plan.functionName, Payload: JSON.stringify(payload) }),
      { abortSignal: signal },
    );
    const answer = Buffer.from(Payload ?? [])
      .toString()
      .slice(0, longestAnswerChars);
    if (FunctionError !== undefined) throw refuse(`the function ${plan.functionName} failed: ${answer}`);
    return { platformIds: [`function ${plan.functionName}`], details: { answer } };
  },
});
