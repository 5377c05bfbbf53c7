import { AwsFault } from '../fault.ts';
import { GetTemplateCommand } from '../sdk/cloudformation.ts';
import type { StackDeps } from '../stack.ts';

/** What a template says that shows in no list of resources; logical ids. */
export type TemplateFacts = {
  /** Stay when the stack goes: `DeletionPolicy: Retain`. */
  readonly retained: ReadonlySet<string>;
  /** Functions whose log group Lambda makes by itself, so that no stack removes it. */
  readonly selfLogging: ReadonlySet<string>;
};

type Resource = {
  readonly Type?: string;
  readonly DeletionPolicy?: string;
  readonly Properties?: { readonly LoggingConfig?: { readonly LogGroup?: unknown } };
};

const readResources = (body: string, name: string): readonly (readonly [string, Resource])[] => {
  try {
    const template: { readonly Resources?: Readonly<Record<string, Resource>> } = JSON.parse(body);
    return Object.entries(template.Resources ?? {});
  } catch {
    // CDK writes JSON, always.
    throw new AwsFault(`the template of the stack ${name} is no JSON: it is none of Plimsoll's`, 'setUp');
  }
};

/** @param id its ARN, or of one that stands its name. Answers for 90 days after it was deleted. */
export const readTemplate = async ({ cloudformation }: StackDeps, id: string): Promise<TemplateFacts> => {
  const { TemplateBody: body = '{}' } = await cloudformation.send(new GetTemplateCommand({ StackName: id }));
  const resources = readResources(body, id);
  const idsOf = (holds: (resource: Resource) => boolean): ReadonlySet<string> =>
    new Set(resources.flatMap(([logicalId, resource]) => (holds(resource) ? [logicalId] : [])));
  return {
    retained: idsOf(({ DeletionPolicy: policy = 'Delete' }) => policy !== 'Delete'),
    selfLogging: idsOf(
      ({ Type: type, Properties: properties }) =>
        type === 'AWS::Lambda::Function' && properties?.LoggingConfig?.LogGroup === undefined,
    ),
  };
};
