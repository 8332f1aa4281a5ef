// AWS::Events::Rule.
import { dictionary, document, integer, list, oneOf, structure, tag, text } from '../shape.ts';
import type { Read } from '../shape.ts';
import { droppedTags, isMissing, jsonText, needed, resource, tagsOf } from './resource.ts';
import type { Site } from './resource.ts';

const target = structure(
  { Arn: text, Id: text },
  {
    DeadLetterConfig: structure({}, { Arn: text }),
    Input: text,
    InputPath: text,
    InputTransformer: structure({ InputTemplate: text }, { InputPathsMap: dictionary(text) }),
    RetryPolicy: structure({}, { MaximumEventAgeInSeconds: integer, MaximumRetryAttempts: integer }),
    RoleArn: text,
  },
  [
    'AppSyncParameters',
    'BatchParameters',
    'EcsParameters',
    'HttpParameters',
    'KinesisParameters',
    'RedshiftDataParameters',
    'RunCommandParameters',
    'SageMakerPipelineParameters',
    'SqsParameters',
  ],
);
const rule = structure(
  {},
  {
    Description: text,
    EventBusName: text,
    EventPattern: document,
    Name: text,
    RoleArn: text,
    ScheduleExpression: text,
    State: oneOf('ENABLED', 'DISABLED', 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS'),
    Tags: list(tag),
    Targets: list(target),
  },
);
type Rule = Read<typeof rule>;

const busOf = ({ EventBusName }: Rule): { EventBusName?: string } => (EventBusName === undefined ? {} : { EventBusName });

async function putRule(Name: string, p: Rule, site: Site, withTags: boolean): Promise<string> {
  const { EventPattern, Tags, Targets: _targets, ...rest } = p;
  const tags = tagsOf(Tags, site);
  const { RuleArn } = await site.call('events', 'PutRule', {
    ...rest,
    Name,
    ...(EventPattern !== undefined && { EventPattern: jsonText(EventPattern) }),
    ...(withTags && tags.length > 0 && { Tags: tags }),
  });
  return needed(RuleArn, 'RuleArn');
}

async function putTargets(Rule: string, p: Rule, site: Site): Promise<void> {
  if (p.Targets === undefined || p.Targets.length === 0) return;
  const { FailedEntries = [] } = await site.call('events', 'PutTargets', { ...busOf(p), Rule, Targets: p.Targets });
  const [failed] = FailedEntries;
  if (failed) throw new Error(`${failed.ErrorCode ?? 'Failed'}: ${failed.ErrorMessage ?? ''} (target ${failed.TargetId ?? ''})`);
}

async function removeTargets(Rule: string, p: Rule, ids: readonly string[], site: Site): Promise<void> {
  if (ids.length > 0) await site.call('events', 'RemoveTargets', { ...busOf(p), Rule, Ids: [...ids] });
}

const nameOf = (physicalId: string): string => physicalId.split('|').at(-1) ?? physicalId;

async function removeRule(Name: string, p: Rule, site: Site): Promise<void> {
  try {
    await removeTargets(
      Name,
      p,
      (p.Targets ?? []).map(({ Id }) => Id),
      site,
    );
    await site.call('events', 'DeleteRule', { ...busOf(p), Name });
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** PutRule would take over a rule of the same name: CloudFormation does not. */
async function refuseExisting(Name: string, p: Rule, site: Site): Promise<void> {
  const existing = await site.call('events', 'DescribeRule', { ...busOf(p), Name }).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  if (existing) throw new Error(`${Name} already exists`);
}

const ruleResource = resource<Rule>({
  type: 'AWS::Events::Rule',
  shape: rule,
  attributes: ['Arn'],
  replacedBy: ['Name', 'EventBusName'],
  nameProperty: 'Name',
  async create(p, site) {
    const Name = p.Name ?? site.name(64);
    if (p.Name !== undefined) await refuseExisting(Name, p, site);
    const Arn = await putRule(Name, p, site, true);
    try {
      await putTargets(Name, p, site);
    } catch (error) {
      await removeRule(Name, { ...p, Targets: [] }, site).catch(() => undefined);
      throw error;
    }
    const custom = p.EventBusName !== undefined && p.EventBusName !== 'default';
    return { physicalId: custom ? `${p.EventBusName ?? ''}|${Name}` : Name, attributes: { Arn } };
  },
  async update(p, before, standing, site) {
    const Name = nameOf(standing.physicalId);
    await putRule(Name, p, site, false);
    const kept = new Set(p.Targets?.map(({ Id }) => Id));
    const dropped = (before.Targets ?? []).map(({ Id }) => Id).filter((id) => !kept.has(id));
    await removeTargets(Name, p, dropped, site);
    await putTargets(Name, p, site);
    const ResourceARN = standing.attributes['Arn'] ?? '';
    const untagged = droppedTags(before.Tags, p.Tags);
    if (untagged.length > 0) await site.call('events', 'UntagResource', { ResourceARN, TagKeys: untagged });
    const tags = tagsOf(p.Tags, site);
    if (tags.length > 0) await site.call('events', 'TagResource', { ResourceARN, Tags: tags });
    return standing;
  },
  remove: ({ physicalId }, p, site) => removeRule(nameOf(physicalId), p, site),
});

export const eventsResources = [ruleResource];
