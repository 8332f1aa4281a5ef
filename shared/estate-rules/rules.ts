// What the fields of an estate say of each other. Every mistake is told, also in an estate with others.
import { copies } from './copies.ts';
import { isolation, roles, route } from './environments.ts';
import type { Draft, Mistake, Rule } from './mistake.ts';
import { names } from './names.ts';
import { approval, approvers, channels } from './people.ts';
import { retention } from './retention.ts';

const RULES: readonly Rule[] = [roles, isolation, route, names, copies, retention, approvers, approval, channels];

export const crossChecks = (draft: Draft): Mistake[] => RULES.flatMap((rule) => [...rule(draft)]);
