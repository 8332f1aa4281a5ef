// AWS::StepFunctions::StateMachine, ::StateMachineVersion and ::StateMachineAlias.
import type { CreateStateMachineInput } from '@aws-sdk/client-sfn';
import { dictionary, document, flag, integer, list, oneOf, structure, tag, text } from '../shape.ts';
import type { Read } from '../shape.ts';
import { droppedTags, isMissing, needed, resource, tagsOf } from './resource.ts';
import type { Site, Standing } from './resource.ts';

const destination = structure({}, { CloudWatchLogsLogGroup: structure({}, { LogGroupArn: text }) });
const machine = structure(
  { RoleArn: text },
  {
    Definition: document,
    DefinitionString: text,
    DefinitionS3Location: structure({ Bucket: text, Key: text }, { Version: text }),
    DefinitionSubstitutions: dictionary(text),
    EncryptionConfiguration: structure(
      { Type: oneOf('CUSTOMER_MANAGED_KMS_KEY', 'AWS_OWNED_KEY') },
      { KmsKeyId: text, KmsDataKeyReusePeriodSeconds: integer },
    ),
    LoggingConfiguration: structure(
      {},
      { Level: oneOf('ALL', 'ERROR', 'FATAL', 'OFF'), IncludeExecutionData: flag, Destinations: list(destination) },
    ),
    StateMachineName: text,
    StateMachineType: oneOf('STANDARD', 'EXPRESS'),
    Tags: list(tag),
    TracingConfiguration: structure({}, { Enabled: flag }),
  },
);
type Machine = Read<typeof machine>;

async function definitionOf(p: Machine, site: Site): Promise<string> {
  const given =
    p.Definition === undefined ? (p.DefinitionString ?? (await definitionInS3(p, site))) : JSON.stringify(p.Definition);
  const values = new Map(Object.entries(p.DefinitionSubstitutions ?? {}));
  const used = new Set<string>();
  const definition = given.replace(/\$\{([A-Za-z0-9_]+)\}/g, (whole, name: string) => {
    used.add(name);
    return values.get(name) ?? whole;
  });
  const idle = [...values.keys()].filter((name) => !used.has(name));
  if (idle.length > 0) throw new Error(`Substitution keys do not appear in the state machine definition: [${idle.join(', ')}]`);
  return definition;
}

async function definitionInS3({ DefinitionS3Location: at }: Machine, site: Site): Promise<string> {
  if (at === undefined) return '';
  const { Body } = await site.call('s3', 'GetObject', {
    Bucket: at.Bucket,
    Key: at.Key,
    ...(at.Version !== undefined && { VersionId: at.Version }),
  });
  const pieces: Uint8Array[] = [];
  if (Body instanceof Uint8Array) pieces.push(Body);
  else for await (const piece of Body ?? []) pieces.push(piece as Uint8Array);
  return Buffer.concat(pieces).toString();
}

/** CloudFormation's names begin with a capital, the API's do not. */
function configurationOf(
  p: Machine,
): Pick<CreateStateMachineInput, 'loggingConfiguration' | 'tracingConfiguration' | 'encryptionConfiguration'> {
  const { LoggingConfiguration: logs, TracingConfiguration: tracing, EncryptionConfiguration: key } = p;
  return {
    ...(logs && {
      loggingConfiguration: {
        level: logs.Level,
        includeExecutionData: logs.IncludeExecutionData,
        destinations: logs.Destinations?.map(({ CloudWatchLogsLogGroup: group }) => ({
          cloudWatchLogsLogGroup: { logGroupArn: group?.LogGroupArn },
        })),
      },
    }),
    ...(tracing && { tracingConfiguration: { enabled: tracing.Enabled } }),
    ...(key && {
      encryptionConfiguration: {
        type: key.Type,
        kmsKeyId: key.KmsKeyId,
        kmsDataKeyReusePeriodSeconds: key.KmsDataKeyReusePeriodSeconds,
      },
    }),
  };
}

const machineTags = (own: Machine['Tags'], site: Site): { key: string; value: string }[] =>
  tagsOf(own, site).map(({ Key, Value }) => ({ key: Key, value: Value }));

const standingOf = (arn: string, revision: string | undefined): Standing => ({
  physicalId: arn,
  attributes: { Arn: arn, Name: arn.split(':').at(-1) ?? '', StateMachineRevisionId: revision ?? 'INITIAL' },
});

/** A deleted machine goes on standing while executions of it run. */
const LONGEST_DELETION_SECONDS = 900;

async function untilGone(stateMachineArn: string, site: Site): Promise<void> {
  for (let second = 0; second < LONGEST_DELETION_SECONDS; second++) {
    try {
      await site.call('states', 'DescribeStateMachine', { stateMachineArn });
    } catch (error) {
      if (isMissing(error)) return;
      throw error;
    }
    await site.wait(1000);
  }
  throw new Error(`Exceeded attempts to wait: ${stateMachineArn} still has running executions`);
}

const machineResource = resource<Machine>({
  type: 'AWS::StepFunctions::StateMachine',
  shape: machine,
  attributes: ['Arn', 'Name', 'StateMachineRevisionId'],
  replacedBy: ['StateMachineName', 'StateMachineType'],
  nameProperty: 'StateMachineName',
  check(p) {
    const given = [p.Definition, p.DefinitionString, p.DefinitionS3Location].filter((one) => one !== undefined);
    return given.length === 1 ? undefined : 'exactly one of [Definition, DefinitionString, DefinitionS3Location] must be given';
  },
  async create(p, site) {
    const { stateMachineArn } = await site.call('states', 'CreateStateMachine', {
      name: p.StateMachineName ?? site.name(80, 'logical'),
      definition: await definitionOf(p, site),
      roleArn: p.RoleArn,
      ...(p.StateMachineType !== undefined && { type: p.StateMachineType }),
      ...configurationOf(p),
      tags: machineTags(p.Tags, site),
    });
    return standingOf(needed(stateMachineArn, 'stateMachineArn'), undefined);
  },
  async update(p, before, { physicalId: stateMachineArn }, site) {
    const { revisionId } = await site.call('states', 'UpdateStateMachine', {
      stateMachineArn,
      definition: await definitionOf(p, site),
      roleArn: p.RoleArn,
      loggingConfiguration: { level: 'OFF' },
      tracingConfiguration: { enabled: false },
      encryptionConfiguration: { type: 'AWS_OWNED_KEY' },
      ...configurationOf(p),
    });
    const dropped = droppedTags(before.Tags, p.Tags);
    if (dropped.length > 0) await site.call('states', 'UntagResource', { resourceArn: stateMachineArn, tagKeys: dropped });
    const tags = machineTags(p.Tags, site);
    if (tags.length > 0) await site.call('states', 'TagResource', { resourceArn: stateMachineArn, tags });
    return standingOf(stateMachineArn, revisionId);
  },
  async remove({ physicalId: stateMachineArn }, _p, site) {
    await site.call('states', 'DeleteStateMachine', { stateMachineArn });
    await untilGone(stateMachineArn, site);
  },
});

const version = structure({ StateMachineArn: text }, { Description: text, StateMachineRevisionId: text });

const versionResource = resource<Read<typeof version>>({
  type: 'AWS::StepFunctions::StateMachineVersion',
  shape: version,
  attributes: ['Arn'],
  replacedBy: '*',
  async create({ StateMachineArn, Description, StateMachineRevisionId }, site) {
    const { stateMachineVersionArn } = await site.call('states', 'PublishStateMachineVersion', {
      stateMachineArn: StateMachineArn,
      ...(Description !== undefined && { description: Description }),
      ...(StateMachineRevisionId !== undefined && { revisionId: StateMachineRevisionId }),
    });
    const arn = needed(stateMachineVersionArn, 'stateMachineVersionArn');
    return { physicalId: arn, attributes: { Arn: arn } };
  },
  async remove({ physicalId }, _p, site) {
    await site.call('states', 'DeleteStateMachineVersion', { stateMachineVersionArn: physicalId });
  },
});

const route = structure({ StateMachineVersionArn: text, Weight: integer }, {});
const alias = structure({ RoutingConfiguration: list(route) }, { Name: text, Description: text, StateMachineArn: text }, [
  'DeploymentPreference',
]);
type Alias = Read<typeof alias>;

const routesOf = ({ RoutingConfiguration }: Alias): { stateMachineVersionArn: string; weight: number }[] =>
  RoutingConfiguration.map(({ StateMachineVersionArn, Weight }) => ({
    stateMachineVersionArn: StateMachineVersionArn,
    weight: Weight,
  }));

const aliasResource = resource<Alias>({
  type: 'AWS::StepFunctions::StateMachineAlias',
  shape: alias,
  attributes: ['Arn'],
  replacedBy: ['Name'],
  nameProperty: 'Name',
  async create(p, site) {
    const { stateMachineAliasArn } = await site.call('states', 'CreateStateMachineAlias', {
      name: p.Name ?? site.name(80, 'logical'),
      routingConfiguration: routesOf(p),
      ...(p.Description !== undefined && { description: p.Description }),
    });
    const arn = needed(stateMachineAliasArn, 'stateMachineAliasArn');
    return { physicalId: arn, attributes: { Arn: arn } };
  },
  async update(p, _before, standing, site) {
    await site.call('states', 'UpdateStateMachineAlias', {
      stateMachineAliasArn: standing.physicalId,
      description: p.Description ?? '',
      routingConfiguration: routesOf(p),
    });
    return standing;
  },
  async remove({ physicalId }, _p, site) {
    await site.call('states', 'DeleteStateMachineAlias', { stateMachineAliasArn: physicalId });
  },
});

export const statesResources = [machineResource, versionResource, aliasResource];
