/** A plan that may not be deployed. The message is for people: every reason at once, one a line. */
export class PlanRefused extends Error {
  override name = 'PlanRefused';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}
