// Writing parameters: put, label, delete.
import type { ParameterTier, ParameterType, PutParameterCommandInput } from '@aws-sdk/client-ssm';
import { requestTags } from '../request-tags.ts';
import type { Call, OperationsOf, Sdks } from '../service.ts';
import { notFound, only, refusal, validation } from './failures.ts';
import {
  arnOf,
  find,
  latestOf,
  type Parameter,
  parameterAsk,
  type ParameterVersion,
  pick,
  requireTags,
  type Store,
} from './parameter.ts';
import { encrypt, MANAGED_KEY } from './secure.ts';

const STANDARD_BYTES = 4096;
const ADVANCED_BYTES = 8192;
const MAX_VERSIONS = 100;
const MAX_LEVELS = 15;

export const createWriting = (store: Store): OperationsOf<Sdks['ssm']> => ({
  PutParameter: {
    asks(input, call) {
      const tags = input.Tags ?? [];
      const context = { 'ssm:Overwrite': String(input.Overwrite ?? false), ...requestTags(tags) };
      const put = parameterAsk(store, 'PutParameter', input.Name, call, context);
      return tags.length === 0 ? [put] : [put, { ...put, action: 'ssm:AddTagsToResource' }];
    },
    async run(input, call) {
      only(
        input,
        ...['Name', 'Description', 'Value', 'Type', 'KeyId', 'Overwrite', 'AllowedPattern', 'Tags', 'Tier', 'DataType'],
      );
      const name = requireName(input.Name ?? '');
      const standing = find(store, call.region, name);
      requireTags(input.Tags ?? []);
      if (standing && input.Overwrite !== true)
        throw refusal(
          'ParameterAlreadyExists',
          'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
        );
      if (standing && input.Tags)
        throw validation(
          "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.",
        );
      const type = typeOf(input, standing);
      const tier = tierOf(input, standing);
      requireValue(input, type);
      const draft = await draftVersion(store, call, { name, type, tier, standing, input });
      // KMS took its time: the parameter may have been made or removed meanwhile.
      const parameter = find(store, call.region, name) ?? standing;
      const kept = parameter ?? { name, arn: arnOf(store, call.region, name), versions: [], tags: [...(input.Tags ?? [])] };
      const version = { ...draft, version: (kept.versions.at(-1)?.version ?? 0) + 1 };
      kept.versions = roomFor(kept, version);
      store.in(call.region).set(name, kept);
      return { Version: version.version, Tier: tier };
    },
  },
  LabelParameterVersion: {
    asks: (input, call) => [parameterAsk(store, 'LabelParameterVersion', input.Name, call)],
    run(input, call) {
      only(input, 'Name', 'ParameterVersion', 'Labels');
      const parameter = find(store, call.region, input.Name ?? '');
      if (!parameter) throw notFound();
      const number = input.ParameterVersion ?? latestOf(parameter).version;
      const { version } = pick(store, call.region, `${parameter.name}:${number}`);
      const invalid = (input.Labels ?? []).filter((label) => !isLabel(label));
      const wanted = (input.Labels ?? []).filter(isLabel);
      if (new Set([...version.labels, ...wanted]).size > 10)
        throw refusal('ParameterVersionLabelLimitExceeded', 'A parameter version can have a maximum of ten labels.');
      for (const label of wanted) {
        for (const other of parameter.versions) other.labels.delete(label);
        version.labels.add(label);
      }
      return { InvalidLabels: invalid, ParameterVersion: number };
    },
  },
  UnlabelParameterVersion: {
    asks: (input, call) => [parameterAsk(store, 'UnlabelParameterVersion', input.Name, call)],
    run(input, call) {
      only(input, 'Name', 'ParameterVersion', 'Labels');
      const { version } = pick(store, call.region, `${input.Name ?? ''}:${input.ParameterVersion ?? 0}`);
      const labels = input.Labels ?? [];
      return {
        RemovedLabels: labels.filter((label) => version.labels.delete(label)),
        InvalidLabels: labels.filter((label) => !isLabel(label)),
      };
    },
  },
  DeleteParameter: {
    asks: (input, call) => [parameterAsk(store, 'DeleteParameter', input.Name, call)],
    run(input, call) {
      const parameter = find(store, call.region, input.Name ?? '');
      if (!parameter) throw notFound();
      store.in(call.region).delete(parameter.name);
      return {};
    },
  },
  DeleteParameters: {
    asks: (input, call) => (input.Names ?? []).map((name) => parameterAsk(store, 'DeleteParameters', name, call)),
    run(input, call) {
      const DeletedParameters: string[] = [];
      const InvalidParameters: string[] = [];
      for (const name of requireTen(input.Names)) {
        const parameter = find(store, call.region, name);
        (parameter ? DeletedParameters : InvalidParameters).push(name);
        if (parameter) store.in(call.region).delete(parameter.name);
      }
      return { DeletedParameters, InvalidParameters };
    },
  },
});

export function requireTen(names: readonly string[] | undefined): readonly string[] {
  const count = names?.length ?? 0;
  if (count < 1 || count > 10)
    throw validation(
      `1 validation error detected: Value at 'names' failed to satisfy constraint: Member must have length ${count < 1 ? 'greater than or equal to 1' : 'less than or equal to 10'}`,
    );
  return names ?? [];
}

const isLabel = (label: string): boolean => /^(?!\d)(?!aws|ssm)[A-Za-z0-9_.-]{1,100}$/i.test(label);

function requireName(name: string): string {
  if (!/^[A-Za-z0-9_.\-/]+$/.test(name) || name.length > 1011)
    throw validation(
      'Parameter name: can\'t be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_',
    );
  if (/^\/?(aws|ssm)/i.test(name))
    throw /^\/?aws/i.test(name)
      ? refusal('AccessDeniedException', `No access to reserved parameter name: ${name}.`)
      : validation('Parameter name: can\'t be prefixed with "ssm" (case-insensitive).');
  const levels = name.split('/').filter((level) => level !== '');
  if (name.includes('/') && !name.startsWith('/')) throw validation('Parameter name must be a fully qualified name.');
  if (name.endsWith('/') || name.includes('//'))
    throw validation('Parameter name must not end with a slash or hold an empty level.');
  if (levels.length > MAX_LEVELS)
    throw refusal('HierarchyLevelLimitExceededException', 'A hierarchy can have a maximum of 15 levels.');
  return name;
}

function typeOf({ Type: type }: PutParameterCommandInput, standing: Parameter | undefined): ParameterType {
  const before = standing && latestOf(standing).type;
  if (type === undefined && !before) throw validation('A parameter type is required when you create a parameter.');
  if (type !== undefined && !['String', 'StringList', 'SecureString'].includes(type))
    throw refusal('UnsupportedParameterType', `The parameter type ${type} is not supported.`);
  if (before && type !== undefined && type !== before)
    throw refusal('HierarchyTypeMismatchException', "You can't change the type of a parameter. Delete it and create it anew.");
  return type ?? before ?? 'String';
}

function tierOf({ Tier: tier, Value: value = '' }: PutParameterCommandInput, standing: Parameter | undefined): ParameterTier {
  const before = standing && latestOf(standing).tier;
  const size = Buffer.byteLength(value);
  if (tier === 'Standard' && before === 'Advanced')
    throw validation(
      "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter tier to the standard-parameter tier.",
    );
  const wanted =
    tier === 'Intelligent-Tiering'
      ? size > STANDARD_BYTES
        ? 'Advanced'
        : (before ?? 'Standard')
      : (tier ?? before ?? 'Standard');
  if (wanted === 'Standard' && size > STANDARD_BYTES)
    throw validation(
      'Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html',
    );
  if (size > ADVANCED_BYTES) throw validation('Advanced tier parameters support a maximum parameter value of 8192 characters.');
  return wanted;
}

function requireValue(
  { Value: value = '', AllowedPattern: pattern, KeyId: keyId, DataType: dataType }: PutParameterCommandInput,
  type: ParameterType,
): void {
  if (value === '')
    throw validation(
      "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1.",
    );
  if (keyId !== undefined && type !== 'SecureString') throw validation('KeyId is required for SecureString type parameter only.');
  if (dataType !== undefined && dataType !== 'text')
    throw validation(`the embedded Parameter Store does not imitate the data type ${dataType}`);
  if (pattern === undefined) return;
  let allowed: RegExp;
  try {
    allowed = new RegExp(`^(?:${pattern})$`);
  } catch {
    throw refusal('InvalidAllowedPatternException', `The regular expression ${pattern} is not valid.`);
  }
  if (!allowed.test(value))
    throw refusal('ParameterPatternMismatchException', `Parameter value, cannot be validated against allowedPattern: ${pattern}`);
}

interface Draft {
  readonly name: string;
  readonly type: ParameterType;
  readonly tier: ParameterTier;
  readonly standing: Parameter | undefined;
  readonly input: PutParameterCommandInput;
}

async function draftVersion(
  store: Store,
  call: Call,
  { name, type, tier, standing, input }: Draft,
): Promise<Omit<ParameterVersion, 'version'>> {
  const text = input.Value ?? '';
  const before = standing && latestOf(standing);
  const keyId = type === 'SecureString' ? (input.KeyId ?? before?.keyId ?? MANAGED_KEY) : undefined;
  const arn = arnOf(store, call.region, name);
  return {
    type,
    value: keyId === undefined ? text : await encrypt(store, call, arn, keyId, text),
    keyId,
    modifiedAt: store.ground.timeline.now(),
    modifiedBy: 'arn' in call.caller ? call.caller.arn : call.caller.kind,
    description: input.Description ?? before?.description,
    allowedPattern: input.AllowedPattern,
    dataType: input.DataType ?? 'text',
    tier,
    labels: new Set(),
  };
}

/** The oldest version makes room, unless somebody labelled it. */
function roomFor({ name, versions }: Parameter, version: ParameterVersion): ParameterVersion[] {
  if (versions.length < MAX_VERSIONS) return [...versions, version];
  const [oldest, ...rest] = versions;
  if (oldest && oldest.labels.size > 0)
    throw refusal(
      'ParameterMaxVersionLimitExceeded',
      `You attempted to create a new version of ${name} by calling the PutParameter API with the overwrite flag. Version ${oldest.version}, the oldest version, can't be deleted because it has a label associated with it. Move the label to another version of the parameter, and try again.`,
    );
  return [...rest, version];
}
