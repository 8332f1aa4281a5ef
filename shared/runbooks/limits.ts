// The limits a plan is held to: each by its name, with what was observed, what is expected, and the way out.
import { RunbookError } from '../errors.ts';
import type { Limit, Plan } from './plan.ts';

/** How the world stands against one limit. Empty `breaches` keep it. */
export interface Finding {
  readonly breaches: readonly string[];
  /** What is said where there is no breach. */
  readonly otherwise: string;
  /** Why the world could not be held against it, where nobody could be asked. It stops nothing, and is not told as kept. */
  readonly unjudged?: string | null;
  readonly expected: string;
  readonly wayOut: string;
}

export interface LimitRule<Scene> {
  readonly name: string;
  /** Why no request may lift it; null where a request may. */
  readonly firm: string | null;
  readonly judge: (scene: Scene) => Finding;
}

export function judgeLimits<Scene>(rules: readonly LimitRule<Scene>[], scene: Scene, override: readonly string[]): Limit[] {
  return rules.map(({ name, firm, judge }) => {
    const { breaches, otherwise, unjudged, expected, wayOut } = judge(scene);
    const broken = breaches.length > 0;
    const lifted = broken && firm === null && override.includes(name);
    const lift = firm === null ? `, or start with "override": ["${name}"]` : `; it cannot be overridden: ${firm}`;
    return {
      name,
      verdict: lifted ? 'overridden' : broken ? 'exceeded' : 'kept',
      observed: broken ? breaches.join('; ') : unjudged == null ? otherwise : `not judged: ${unjudged}`,
      ...(!broken && unjudged != null && { unjudged: true }),
      expected,
      wayOut: `${wayOut}${lift}`,
    };
  });
}

/** Refuses under the name PlanRefused, with all that is exceeded at once. */
export function raiseIfExceeded({ limits }: Pick<Plan, 'limits'>): void {
  const exceeded = limits.filter(({ verdict }) => verdict === 'exceeded');
  if (exceeded.length === 0) return;
  const said = exceeded.map(({ name, observed, expected, wayOut }) => `${observed} (${name}; expected: ${expected}; ${wayOut})`);
  throw new RunbookError('PlanRefused', `refused: ${said.join('; and ')}`, {
    limits: exceeded.map(({ name }) => name).join(', '),
  });
}
