// Reading parameters: by name, by path, their history and their descriptions.
import type { Parameter as Answer, ParameterHistory, ParameterMetadata, ParameterStringFilter } from '@aws-sdk/client-ssm';
import type { Ask } from '../../iam/ask.ts';
import { AwsError } from '../error.ts';
import type { Call, OperationsOf, Sdks } from '../service.ts';
import { pageOf } from '../page.ts';
import { notFound, only, refusal, validation } from './failures.ts';
import { find, latestOf, type Parameter, parameterAsk, type ParameterVersion, pick, type Store } from './parameter.ts';
import { valueOf } from './secure.ts';
import { requireTen } from './writing.ts';

const badToken = (): AwsError => refusal('InvalidNextToken', 'The specified token is not valid.');
/** The page sizes of GetParametersByPath, and of the others. */
const PATH_PAGE = 10;
const PAGE = 50;

export function createReading(store: Store): OperationsOf<Sdks['ssm']> {
  const read = async (call: Call, named: string, withDecryption: boolean | undefined): Promise<Answer> => {
    const { parameter, version, selector } = pick(store, call.region, named);
    return {
      ...(await answerOf(call, parameter, version, withDecryption)),
      ...(selector !== undefined && { Selector: `:${selector}` }),
    };
  };
  const answerOf = async (
    call: Call,
    parameter: Parameter,
    version: ParameterVersion,
    withDecryption: boolean | undefined,
  ): Promise<Answer> => ({
    Name: parameter.name,
    Type: version.type,
    Value: await valueOf(store, call, parameter, version, withDecryption),
    Version: version.version,
    LastModifiedDate: new Date(version.modifiedAt),
    ARN: parameter.arn,
    DataType: version.dataType,
  });

  return {
    GetParameter: {
      asks: (input, call) => [parameterAsk(store, 'GetParameter', input.Name, call)],
      async run(input, call) {
        only(input, 'Name', 'WithDecryption');
        return { Parameter: await read(call, input.Name ?? '', input.WithDecryption) };
      },
    },
    GetParameters: {
      asks: (input, call) => (input.Names ?? []).map((name) => parameterAsk(store, 'GetParameters', name, call)),
      async run(input, call) {
        only(input, 'Names', 'WithDecryption');
        const Parameters: Answer[] = [];
        const InvalidParameters: string[] = [];
        for (const name of requireTen(input.Names)) {
          try {
            Parameters.push(await read(call, name, input.WithDecryption));
          } catch (error) {
            if (!(error instanceof AwsError && /^Parameter(Version)?NotFound$/.test(error.code))) throw error;
            InvalidParameters.push(name);
          }
        }
        return { Parameters, InvalidParameters };
      },
    },
    GetParametersByPath: {
      asks(input, call): Ask[] {
        const context = { 'ssm:Recursive': String(input.Recursive ?? false) };
        return [parameterAsk(store, 'GetParametersByPath', input.Path, call, context)];
      },
      async run(input, call) {
        only(input, 'Path', 'Recursive', 'ParameterFilters', 'WithDecryption', 'MaxResults', 'NextToken');
        const path = requirePath(input.Path ?? '');
        requireLimit(input.MaxResults, PATH_PAGE);
        const filters = input.ParameterFilters ?? [];
        requireFilters(filters, ['Type', 'KeyId', 'Label']);
        const found = sorted(store, call).filter(
          (one) => under(one.name, path, input.Recursive === true) && filters.every((filter) => passes(one, filter)),
        );
        const question = [call.region, path, input.Recursive, filters];
        const page = pageOf(
          found,
          { limit: input.MaxResults, token: input.NextToken, most: PATH_PAGE, question, refuse: badToken },
          ({ name }) => name,
        );
        const Parameters: Answer[] = [];
        for (const parameter of page.items)
          Parameters.push(await answerOf(call, parameter, labelledOr(parameter, filters), input.WithDecryption));
        return { Parameters, NextToken: page.next };
      },
    },
    GetParameterHistory: {
      asks: (input, call) => [parameterAsk(store, 'GetParameterHistory', input.Name, call)],
      async run(input, call) {
        only(input, 'Name', 'WithDecryption', 'MaxResults', 'NextToken');
        requireLimit(input.MaxResults, PAGE);
        const parameter = find(store, call.region, input.Name ?? '');
        if (!parameter) throw notFound();
        const page = pageOf(
          parameter.versions,
          { limit: input.MaxResults, token: input.NextToken, most: PAGE, question: [parameter.arn], refuse: badToken },
          ({ version }) => String(version),
        );
        const Parameters: ParameterHistory[] = [];
        for (const version of page.items) {
          const { Name: _, ARN: _arn, ...facts } = metadataOf(parameter, version);
          const Value = await valueOf(store, call, parameter, version, input.WithDecryption);
          Parameters.push({ Name: parameter.name, ...facts, Value, Labels: [...version.labels] });
        }
        return { Parameters, NextToken: page.next };
      },
    },
    DescribeParameters: {
      asks: () => [{ action: 'ssm:DescribeParameters', resource: '*' }],
      run(input, call) {
        only(input, 'ParameterFilters', 'MaxResults', 'NextToken');
        requireLimit(input.MaxResults, PAGE);
        const filters = input.ParameterFilters ?? [];
        requireFilters(filters, ['Name', 'Type', 'KeyId', 'Path', 'Label', 'Tier', 'DataType', 'tag:']);
        const found = sorted(store, call).filter((one) => filters.every((filter) => passes(one, filter)));
        const page = pageOf(
          found,
          { limit: input.MaxResults, token: input.NextToken, most: PAGE, question: [call.region, filters], refuse: badToken },
          ({ name }) => name,
        );
        return { Parameters: page.items.map((one) => metadataOf(one, latestOf(one))), NextToken: page.next };
      },
    },
  };
}

const sorted = (store: Store, call: Call): Parameter[] =>
  [...store.in(call.region).values()].sort((a, b) => (a.name < b.name ? -1 : 1));

const metadataOf = (parameter: Parameter, version: ParameterVersion): ParameterMetadata => ({
  Name: parameter.name,
  ARN: parameter.arn,
  Type: version.type,
  ...(version.keyId !== undefined && { KeyId: version.keyId }),
  LastModifiedDate: new Date(version.modifiedAt),
  LastModifiedUser: version.modifiedBy,
  ...(version.description !== undefined && { Description: version.description }),
  ...(version.allowedPattern !== undefined && { AllowedPattern: version.allowedPattern }),
  Version: version.version,
  Tier: version.tier,
  Policies: [],
  DataType: version.dataType,
});

function requirePath(path: string): string {
  if (!path.startsWith('/') || path.includes('//'))
    throw validation('The parameter path must be prefixed with a forward slash and must not contain two slashes in a row.');
  return path.endsWith('/') ? path : `${path}/`;
}

const under = (name: string, path: string, recursive: boolean): boolean =>
  name.startsWith(path) && (recursive || !name.slice(path.length).includes('/'));

function requireLimit(limit: number | undefined, most: number): void {
  if (limit !== undefined && (limit < 1 || limit > most))
    throw validation(
      `1 validation error detected: Value '${limit}' at 'maxResults' failed to satisfy constraint: Member must have value ${limit < 1 ? 'greater than or equal to 1' : `less than or equal to ${most}`}`,
    );
}

function requireFilters(filters: readonly ParameterStringFilter[], imitated: readonly string[]): void {
  for (const { Key: key = '', Option: option = 'Equals', Values: values = [] } of filters) {
    if (!imitated.some((one) => key === one || (one.endsWith(':') && key.startsWith(one))))
      throw refusal(
        'InvalidFilterKey',
        `The filter key ${key} is not valid here. Valid filter keys are: ${imitated.join(', ')}.`,
      );
    const options =
      key === 'Name'
        ? ['Equals', 'BeginsWith', 'Contains']
        : key === 'Path'
          ? ['Recursive', 'OneLevel']
          : ['Equals', 'BeginsWith'];
    const said = key === 'Path' && option === 'Equals' ? 'OneLevel' : option;
    if (!options.includes(said))
      throw refusal(
        'InvalidFilterOption',
        `The filter option ${option} is not valid for ${key}. Valid options are: ${options.join(', ')}.`,
      );
    if (values.length === 0 && !key.startsWith('tag:')) throw refusal('InvalidFilterValue', `The filter ${key} needs a value.`);
  }
}

function passes(
  parameter: Parameter,
  { Key: key = '', Option: option = 'Equals', Values: values = [] }: ParameterStringFilter,
): boolean {
  if (key === 'Path') return values.some((path) => under(parameter.name, requirePath(path), option === 'Recursive'));
  const texts = textsOf(parameter, key);
  if (values.length === 0) return texts.length > 0;
  return texts.some((text) =>
    values.some((value) =>
      option === 'BeginsWith' ? text.startsWith(value) : option === 'Contains' ? text.includes(value) : text === value,
    ),
  );
}

function textsOf(parameter: Parameter, key: string): string[] {
  const { type, keyId, tier, dataType } = latestOf(parameter);
  if (key === 'Name') return [parameter.name];
  if (key === 'Type') return [type];
  if (key === 'KeyId') return keyId === undefined ? [] : [keyId];
  if (key === 'Tier') return [tier];
  if (key === 'DataType') return [dataType];
  if (key === 'Label') return parameter.versions.flatMap(({ labels }) => [...labels]);
  const wanted = key.slice('tag:'.length);
  return parameter.tags.flatMap(({ Key, Value }) => (Key === wanted ? [Value ?? ''] : []));
}

/** A path asked for by label answers the labelled versions, not the newest. */
function labelledOr(parameter: Parameter, filters: readonly ParameterStringFilter[]): ParameterVersion {
  const labels = filters.find(({ Key: key }) => key === 'Label')?.Values ?? [];
  return parameter.versions.find((version) => labels.some((label) => version.labels.has(label))) ?? latestOf(parameter);
}
