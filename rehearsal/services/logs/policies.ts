// Resource policies: which AWS services may write into the Region's log groups.
import { AwsError } from '../error.ts';
import { pageOf } from './page.ts';
import { invalid, notImitated, withinLimit } from './refusals.ts';
import type { LogsOperations, Region, ResourcePolicyRecord } from './store.ts';

const MOST_POLICIES = 10;
const LONGEST_DOCUMENT = 5_120;

export function policyOperations(regionOf: (region: string) => Region): LogsOperations {
  return {
    PutResourcePolicy: {
      asks: () => [{ action: 'logs:PutResourcePolicy', resource: '*' }],
      run({ policyName: name, policyDocument: document = '', resourceArn, expectedRevisionId }, call) {
        if (resourceArn !== undefined || expectedRevisionId !== undefined)
          throw notImitated('resource policies of a single log group');
        if (name === undefined) throw invalid('policyName is required.');
        if (document.length > LONGEST_DOCUMENT) throw invalid(`Policy document exceeds ${LONGEST_DOCUMENT} characters.`);
        checkDocument(document);
        const { policies } = regionOf(call.region);
        if (!policies.has(name) && policies.size >= MOST_POLICIES)
          throw new AwsError('LimitExceededException', 'Resource limit exceeded.');
        const record = { name, document, updated: call.at };
        policies.set(name, record);
        return { resourcePolicy: shown(record) };
      },
    },
    DescribeResourcePolicies: {
      asks: () => [{ action: 'logs:DescribeResourcePolicies', resource: '*' }],
      run({ nextToken, limit, resourceArn }, call) {
        if (resourceArn !== undefined) throw notImitated('resource policies of a single log group');
        const all = [...regionOf(call.region).policies.values()].map(shown);
        const { items, more } = pageOf(all, { token: nextToken, size: withinLimit(limit, 50), question: call.region });
        return { resourcePolicies: items, ...more };
      },
    },
    DeleteResourcePolicy: {
      asks: () => [{ action: 'logs:DeleteResourcePolicy', resource: '*' }],
      run({ policyName = '' }, call) {
        if (regionOf(call.region).policies.delete(policyName)) return {};
        throw new AwsError('ResourceNotFoundException', `Policy with name [${policyName}] does not exist`);
      },
    },
  };
}

function checkDocument(document: string): void {
  try {
    const parsed = JSON.parse(document) as { Statement?: unknown } | null;
    if (typeof parsed === 'object' && parsed?.Statement !== undefined) return;
  } catch {
    // Said below, as AWS does for any document it cannot read.
  }
  throw invalid('The policy document is not valid JSON or has no Statement.');
}

const shown = ({ name, document, updated }: ResourcePolicyRecord) => ({
  policyName: name,
  policyDocument: document,
  lastUpdatedTime: Math.floor(updated),
});
