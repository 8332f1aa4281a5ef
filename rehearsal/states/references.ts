// What an expression reads, found in its syntax tree: variables, parts of $states, and what Step Functions forbids.
import type jsonata from 'jsonata';

export interface Reads {
  /** Variables that the expression does not bind itself. */
  readonly variables: ReadonlySet<string>;
  /** Those and its own. */
  readonly mentioned: ReadonlySet<string>;
  /** Dotted paths below $states; '' when it is used whole. */
  readonly states: ReadonlySet<string>;
  /** Why Step Functions would refuse the expression. */
  readonly forbidden: readonly string[];
}

type Node = Omit<jsonata.ExprNode, 'type'> & Readonly<Record<string, unknown>> & { readonly type: string };

interface Walk {
  readonly variables: Set<string>;
  readonly bound: Set<string>;
  readonly states: Set<string>;
  readonly forbidden: string[];
}

/** Finds what the expression reads. A name bound anywhere inside it counts as its own: only certainty is reported. */
export function readsOf(ast: jsonata.ExprNode): Reads {
  const walk: Walk = { variables: new Set(), bound: new Set(), states: new Set(), forbidden: [] };
  visit(walk, ast, true);
  const mentioned = new Set(walk.variables);
  for (const name of walk.bound) walk.variables.delete(name);
  return { variables: walk.variables, mentioned, states: walk.states, forbidden: walk.forbidden };
}

/** `top` says whether names are still read against the context Step Functions does not give. */
function visit(walk: Walk, found: unknown, top: boolean): void {
  if (Array.isArray(found)) return found.forEach((each) => visit(walk, each, top));
  if (!isNode(found)) return;
  if (found.type === 'path') return visitPath(walk, found, top);
  visitLeaf(walk, found, top);
  if (found.type === 'bind') visitBinding(walk, found, top);
  else visitChildren(walk, found, top);
  visitRefinements(walk, found);
}

function visitPath(walk: Walk, path: Node, top: boolean): void {
  const steps = path.steps as Node[];
  const [first] = steps;
  if (first?.type === 'variable' && first['value'] === 'states') {
    walk.states.add(namesAfter(steps).join('.'));
    visitRefinements(walk, first);
  } else if (first) visit(walk, first, top);
  for (const step of steps.slice(1)) visit(walk, step, false);
  visitRefinements(walk, path);
}

/** The plain names that follow $states, up to the first step that is filtered or computed. */
function namesAfter(steps: readonly Node[]): string[] {
  const names: string[] = [];
  if (steps[0]?.['predicate']) return names;
  for (const step of steps.slice(1)) {
    if (step.type !== 'name') break;
    names.push(String(step['value']));
    if (step['stages'] ?? step['predicate']) break;
  }
  return names;
}

function visitLeaf(walk: Walk, node: Node, top: boolean): void {
  const value = String(node['value']);
  if (node.type === 'variable') return visitVariable(walk, value, top);
  if (!top) return;
  if (node.type === 'name') walk.forbidden.push(`Reference to '${value}' at the top level is not supported.`);
  if (node.type === 'wildcard' || node.type === 'descendant') {
    walk.forbidden.push(`Reference to '${value}' at the top level is not supported.`);
  }
}

function visitVariable(walk: Walk, name: string, top: boolean): void {
  if (name === '$') walk.forbidden.push("Reference to '$$' is not supported.");
  else if (name === 'eval') walk.forbidden.push("Function '$eval' is not supported. Use '$parse' instead.");
  else if (name === 'states') walk.states.add('');
  else if (name !== '') walk.variables.add(name);
  else if (top) walk.forbidden.push("Reference to '$' at the top level is not supported.");
}

function visitBinding(walk: Walk, node: Node, top: boolean): void {
  const name = String((node.lhs as Node)['value']);
  if (name === 'states') walk.forbidden.push("Variable name 'states' is reserved.");
  walk.bound.add(name);
  visit(walk, node.rhs, top);
}

function visitChildren(walk: Walk, node: Node, top: boolean): void {
  if (node.type === 'lambda') {
    for (const argument of node.arguments ?? []) walk.bound.add(String((argument as Node)['value']));
    return visit(walk, node['body'], top);
  }
  if (node.type === 'transform') {
    return visit(walk, [node['pattern'], node['update'], node['delete']], false);
  }
  // A sort's terms and a filter's condition see each item, not the context.
  visit(walk, node['terms'] === undefined ? undefined : expressionsOf(node['terms']), false);
  visit(walk, node['expr'], false);
  for (const key of ['procedure', 'arguments', 'expressions', 'expression', 'condition', 'then', 'else', 'lhs', 'rhs']) {
    visit(walk, node[key], top);
  }
}

const expressionsOf = (terms: unknown): unknown =>
  Array.isArray(terms) ? (terms as Node[]).map((term) => term['expression']) : undefined;

/** Filters, groupings and the names a step gives its focus and index. */
function visitRefinements(walk: Walk, node: Node): void {
  visit(walk, node['predicate'], false);
  visit(walk, node.stages, false);
  const group = node['group'] as { lhs?: unknown } | undefined;
  visit(walk, group?.lhs, false);
  for (const key of ['focus', 'index']) if (typeof node[key] === 'string') walk.bound.add(node[key]);
}

const isNode = (found: unknown): found is Node => typeof found === 'object' && found !== null && 'type' in found;
