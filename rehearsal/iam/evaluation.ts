// AWS's evaluation: an explicit deny anywhere wins, then somebody must allow.
import type { Ask, Caller, PolicyDocument, PolicyStatement } from './ask.ts';
import { arnsOf, meantBy, sparedBy } from './caller.ts';
import { conditionsHold } from './conditions.ts';
import { contextOf } from './context.ts';
import type { Context, Scene } from './context.ts';
import type { NamedPolicy, RoleRecord } from './contract.ts';
import { expand, matchesArn, matchesPattern } from './pattern.ts';

/** A statement of an identity policy that matched, and the action patterns in it that did. */
export interface Matched {
  readonly policy: string;
  readonly statement: number;
  readonly patterns: readonly string[];
}

export type Outcome = 'allowed' | 'identity denies' | 'resource denies' | 'identity silent' | 'resource silent';

export interface Decision {
  readonly outcome: Outcome;
  /** The identity statements that made the outcome. */
  readonly decided: readonly Matched[];
  /** Whether it was allowed by one statement and by nothing else. */
  readonly alone?: boolean;
}

export interface Question {
  readonly caller: Caller;
  readonly role: RoleRecord | undefined;
  readonly policies: readonly NamedPolicy[];
  readonly ask: Ask;
  readonly scene: Scene;
}

/** Services whose resource policy must speak before an identity policy counts. */
const RESOURCE_FIRST = ['kms', 'sts'];

export function evaluate(question: Question): Decision {
  const { caller, ask, role, scene } = question;
  const context = contextOf(caller, ask, scene, role);
  const identity = byIdentity(question, context);
  const resource = byResource(question, context);
  if (identity.denies.length > 0) return { outcome: 'identity denies', decided: identity.denies };
  if (resource.denies) return { outcome: 'resource denies', decided: [] };
  if (caller.kind === 'service' || caller.kind === 'anonymous') {
    return { outcome: resource.meant === 'granted' ? 'allowed' : 'resource silent', decided: [] };
  }
  if (resource.meant === 'granted') return { outcome: 'allowed', decided: identity.allows };
  if (ask.resourcePolicy && mustSpeak(ask.action) && resource.meant === 'none')
    return { outcome: 'resource silent', decided: [] };
  const outcome = identity.allows.length > 0 ? 'allowed' : 'identity silent';
  return { outcome, decided: identity.allows, alone: identity.allows.length === 1 };
}

const mustSpeak = (action: string): boolean => RESOURCE_FIRST.includes(action.slice(0, action.indexOf(':')).toLowerCase());

function byIdentity({ policies, ask }: Question, context: Context): { allows: Matched[]; denies: Matched[] } {
  const allows: Matched[] = [];
  const denies: Matched[] = [];
  for (const { name, document } of policies) {
    statementsOf(document).forEach((statement, index) => {
      const patterns = matchedPatterns(statement, ask, context, document);
      if (patterns === undefined) return;
      (statement.Effect === 'Deny' ? denies : allows).push({ policy: name, statement: index, patterns });
    });
  }
  return { allows, denies };
}

function byResource(
  { ask, caller, role }: Question,
  context: Context,
): { denies: boolean; meant: 'granted' | 'delegated' | 'none' } {
  const document = ask.resourcePolicy;
  const arns = arnsOf(caller, role);
  let denies = false;
  let meant: 'granted' | 'delegated' | 'none' = 'none';
  for (const statement of document ? statementsOf(document) : []) {
    const how = howMeant(statement, caller, arns);
    if (how === 'none' || !document || matchedPatterns(statement, ask, context, document) === undefined) continue;
    if (statement.Effect === 'Deny') denies = true;
    else if (meant !== 'granted') meant = how;
  }
  return { denies, meant };
}

function howMeant(statement: PolicyStatement, caller: Caller, arns: readonly string[]): 'granted' | 'delegated' | 'none' {
  if (statement.NotPrincipal === undefined) return meantBy(statement.Principal, caller, arns);
  return sparedBy(statement.NotPrincipal, caller, arns) ? 'none' : 'granted';
}

/** The action patterns that matched when the whole statement applies; undefined when it does not. */
function matchedPatterns(statement: PolicyStatement, ask: Ask, context: Context, document: PolicyDocument): string[] | undefined {
  const patterns = matchedActions(statement, ask.action);
  if (patterns.length === 0) return undefined;
  // Policies of 2008 know no variables: `${…}` is plain text to them.
  const variables = document.Version === '2012-10-17';
  if (!resourceMatches(statement, ask.resource, context, variables)) return undefined;
  return conditionsHold(statement.Condition, context, variables) ? patterns : undefined;
}

function matchedActions(statement: PolicyStatement, action: string): string[] {
  const matches = (pattern: string): boolean => matchesPattern(pattern, action, { ignoreCase: true });
  if (statement.NotAction !== undefined) {
    const excepted = listOf(statement.NotAction);
    return excepted.some(matches) ? [] : [...excepted];
  }
  return listOf(statement.Action).filter(matches);
}

function resourceMatches(statement: PolicyStatement, resource: string, context: Context, variables: boolean): boolean {
  const matches = (pattern: string): boolean => {
    const expanded = variables ? expand(pattern, context) : pattern;
    return expanded !== undefined && (expanded === '*' || matchesArn(expanded, resource));
  };
  if (statement.NotResource !== undefined) return !listOf(statement.NotResource).some(matches);
  // A trust policy has no Resource: it speaks of the role it hangs on.
  return statement.Resource === undefined || listOf(statement.Resource).some(matches);
}

export function statementsOf({ Statement: statement }: PolicyDocument): readonly PolicyStatement[] {
  return isMany(statement) ? statement : [statement];
}

/** Array.isArray knows no readonly arrays. */
const isMany = (statement: PolicyDocument['Statement']): statement is readonly PolicyStatement[] => Array.isArray(statement);

export function listOf(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}
