// The closed grammar of policies: whatever IAM would refuse, and whatever this IAM could not evaluate, does not load.
import type { PolicyDocument, PolicyStatement } from './ask.ts';
import type { ParsePolicy } from './contract.ts';
import { acceptsValue, readOperator, takesVariables } from './conditions.ts';
import { canEvaluate } from './keys.ts';
import { malformed } from './malformed.ts';
import { variablesIn } from './pattern.ts';
import { checkPrincipal } from './principal-grammar.ts';
import { checkResource } from './resource-grammar.ts';

export type PolicyKind = Parameters<ParsePolicy>[1];
type Fields = Readonly<Record<string, unknown>>;

const POLICY_FIELDS = ['Version', 'Id', 'Statement'];
const STATEMENT_FIELDS = [
  ...['Sid', 'Effect', 'Principal', 'NotPrincipal', 'Action', 'NotAction'],
  ...['Resource', 'NotResource', 'Condition'],
];
const VERSIONS = ['2012-10-17', '2008-10-17'];
const TRUST_ACTIONS = ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'];
const SYNTAX = 'Syntax errors in policy.';

/** The document, from an object or its JSON text. */
export const parsePolicy: ParsePolicy = (document, kind) => {
  const policy = fieldsOf(typeof document === 'string' ? parseJson(document) : document);
  refuseUnknown(policy, POLICY_FIELDS, 'policy');
  checkVersion(policy, kind);
  if (policy.Id !== undefined && typeof policy.Id !== 'string') throw malformed(SYNTAX);
  const statements = Array.isArray(policy.Statement) ? (policy.Statement as unknown[]) : [policy.Statement];
  if (statements.length === 0) throw malformed(SYNTAX);
  for (const statement of statements) checkStatement(fieldsOf(statement), kind, policy.Version === '2012-10-17');
  checkSids(statements as PolicyStatement[], kind);
  return policy as unknown as PolicyDocument;
};

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed(kindless(text));
  }
}

const kindless = (text: string): string => (text.trim() === '' ? 'The policy is not in the valid JSON format.' : SYNTAX);

function fieldsOf(value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(SYNTAX);
  return value as Fields;
}

function refuseUnknown(fields: Fields, known: readonly string[], place: string): void {
  const unknown = Object.keys(fields).find((field) => !known.includes(field));
  if (unknown !== undefined) throw malformed(`${SYNTAX} Unknown field ${unknown} in the ${place}.`);
}

function checkVersion({ Version: version }: Fields, kind: PolicyKind): void {
  if (version !== undefined && !VERSIONS.includes(version as string)) throw malformed(SYNTAX);
  if (kind === 'identity' && version !== '2012-10-17') {
    throw malformed('Policy document must be version 2012-10-17 or greater.');
  }
}

function checkStatement(statement: Fields, kind: PolicyKind, variables: boolean): void {
  refuseUnknown(statement, STATEMENT_FIELDS, 'statement');
  if (statement.Effect !== 'Allow' && statement.Effect !== 'Deny') throw malformed(SYNTAX);
  if (statement.Sid !== undefined && typeof statement.Sid !== 'string') throw malformed(SYNTAX);
  checkPrincipal(statement, kind);
  checkActions(statement, kind);
  checkResources(statement, kind, variables);
  if (statement.Condition !== undefined) checkCondition(fieldsOf(statement.Condition), variables);
}

/** The values of one of two exclusive fields, which must be there and not be empty. */
function oneOf(statement: Fields, field: string, inverse: string, missing: string): string[] {
  if (statement[field] !== undefined && statement[inverse] !== undefined) throw malformed(SYNTAX);
  const value = statement[field] ?? statement[inverse];
  const values: unknown[] = Array.isArray(value) ? value : [value];
  if (value === undefined || values.length === 0) throw malformed(missing);
  if (!values.every((v) => typeof v === 'string')) throw malformed(SYNTAX);
  return values;
}

function checkActions(statement: Fields, kind: PolicyKind): void {
  for (const action of oneOf(statement, 'Action', 'NotAction', 'Policy statement must contain actions.')) {
    if (kind === 'trust' && !isTrustAction(action)) {
      throw malformed('AssumeRole policy may only specify STS AssumeRole actions.');
    }
    const [vendor = '', ...rest] = action.split(':');
    if (action === '*') continue;
    if (rest.length === 0) throw malformed('Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.');
    if (rest.length > 1) throw malformed('Actions/Condition can contain only one colon.');
    if (!/^[a-zA-Z0-9.-]+$/.test(vendor)) throw malformed(`Vendor ${vendor} is not valid`);
    if (!/^[a-zA-Z0-9*?]+$/.test(rest[0] ?? '')) throw malformed('The policy failed legacy parsing');
  }
}

const isTrustAction = (action: string): boolean => TRUST_ACTIONS.some((known) => known.toLowerCase() === action.toLowerCase());

function checkResources(statement: Fields, kind: PolicyKind, variables: boolean): void {
  if (kind === 'trust') {
    const prohibited = ['Resource', 'NotResource'].find((field) => statement[field] !== undefined);
    if (prohibited !== undefined) throw malformed(`Has prohibited field ${prohibited}`);
    return;
  }
  for (const resource of oneOf(statement, 'Resource', 'NotResource', 'Policy statement must contain resources.')) {
    checkResource(resource);
    if (variables) checkVariables(resource);
  }
}

function checkCondition(condition: Fields, variables: boolean): void {
  for (const [written, keys] of Object.entries(condition)) {
    const operator = readOperator(written);
    if (!operator) throw malformed(`Invalid Condition type : ${written}.`);
    for (const [key, value] of Object.entries(fieldsOf(keys))) {
      checkKey(key);
      for (const wanted of conditionValues(value)) {
        if (!acceptsValue(operator, wanted)) throw malformed(`${SYNTAX} ${written} cannot compare ${key} with "${wanted}".`);
        if (variables && takesVariables(operator)) checkVariables(wanted);
      }
    }
  }
}

function conditionValues(value: unknown): string[] {
  const values: unknown[] = Array.isArray(value) ? value : [value];
  if (values.length === 0 || !values.every((v) => ['string', 'boolean', 'number'].includes(typeof v))) throw malformed(SYNTAX);
  return values.map(String);
}

function checkVariables(pattern: string): void {
  for (const key of variablesIn(pattern)) checkKey(key);
}

function checkKey(key: string): void {
  if (!canEvaluate(key)) throw malformed(`Policy has an invalid condition key: ${key} cannot be evaluated here.`);
}

function checkSids(statements: readonly PolicyStatement[], kind: PolicyKind): void {
  const sids = statements.map((statement) => statement.Sid).filter((sid) => sid !== undefined && sid !== '');
  if (new Set(sids).size < sids.length) throw malformed('Statement IDs (SID) in a single policy must be unique.');
  if (kind === 'identity' && !sids.every((sid) => /^[0-9A-Za-z]*$/.test(sid ?? ''))) {
    throw malformed(
      'Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*',
    );
  }
}
