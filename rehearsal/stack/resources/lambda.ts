// AWS::Lambda::Version, ::Alias, ::Permission, ::Url and ::EventInvokeConfig.
import type { FunctionUrlAuthType } from '@aws-sdk/client-lambda';
import { flag, integer, list, number, oneOf, structure, text, word } from '../shape.ts';
import type { Read } from '../shape.ts';
import { isMissing, needed, resource } from './resource.ts';

const gone = (error: unknown): void => {
  if (!isMissing(error)) throw error;
};

const version = structure({ FunctionName: text }, { CodeSha256: text, Description: text }, [
  'FunctionScalingConfig',
  'ProvisionedConcurrencyConfig',
  'RuntimePolicy',
]);

/** Lambda itself compares CodeSha256 with the code it holds: a zip that changed after packaging fails here. */
const versionResource = resource<Read<typeof version>>({
  type: 'AWS::Lambda::Version',
  shape: version,
  attributes: ['Version', 'FunctionArn'],
  replacedBy: '*',
  async create(p, site) {
    const made = await site.call('lambda', 'PublishVersion', p);
    const FunctionArn = needed(made.FunctionArn, 'FunctionArn');
    return { physicalId: FunctionArn, attributes: { FunctionArn, Version: needed(made.Version, 'Version') } };
  },
  async remove({ attributes: { FunctionArn = '', Version = '' } }, _p, site) {
    const unqualified = FunctionArn.slice(0, -Version.length - 1);
    await site.call('lambda', 'DeleteFunction', { FunctionName: unqualified, Qualifier: Version }).catch(gone);
  },
});

const weight = structure({ FunctionVersion: text, FunctionWeight: number }, {});
const alias = structure(
  { FunctionName: text, FunctionVersion: text, Name: text },
  { Description: text, RoutingConfig: structure({}, { AdditionalVersionWeights: list(weight) }) },
  ['ProvisionedConcurrencyConfig'],
);
type Alias = Read<typeof alias>;

const routing = ({ RoutingConfig }: Alias): { RoutingConfig?: { AdditionalVersionWeights: Record<string, number> } } =>
  RoutingConfig === undefined
    ? {}
    : {
        RoutingConfig: {
          AdditionalVersionWeights: Object.fromEntries(
            (RoutingConfig.AdditionalVersionWeights ?? []).map((one) => [one.FunctionVersion, one.FunctionWeight]),
          ),
        },
      };

const aliasResource = resource<Alias>({
  type: 'AWS::Lambda::Alias',
  shape: alias,
  attributes: ['AliasArn'],
  replacedBy: ['Name', 'FunctionName'],
  nameProperty: 'Name',
  async create(p, site) {
    const { RoutingConfig: _weights, ...rest } = p;
    const { AliasArn } = await site.call('lambda', 'CreateAlias', { ...rest, ...routing(p) });
    const arn = needed(AliasArn, 'AliasArn');
    return { physicalId: arn, attributes: { AliasArn: arn } };
  },
  async update(p, before, standing, site) {
    const { FunctionName, Name, FunctionVersion, Description = '' } = p;
    const emptied = before.RoutingConfig !== undefined && p.RoutingConfig === undefined;
    await site.call('lambda', 'UpdateAlias', {
      FunctionName,
      Name,
      FunctionVersion,
      Description,
      ...(emptied ? { RoutingConfig: { AdditionalVersionWeights: {} } } : routing(p)),
    });
    return standing;
  },
  async remove(_standing, { FunctionName, Name }, site) {
    await site.call('lambda', 'DeleteAlias', { FunctionName, Name }).catch(gone);
  },
});

const permission = structure(
  { FunctionName: text, Action: text, Principal: text },
  {
    EventSourceToken: text,
    FunctionUrlAuthType: word<FunctionUrlAuthType>(),
    InvokedViaFunctionUrl: flag,
    PrincipalOrgID: text,
    SourceAccount: text,
    SourceArn: text,
  },
);

const permissionResource = resource<Read<typeof permission>>({
  type: 'AWS::Lambda::Permission',
  shape: permission,
  attributes: ['Id'],
  replacedBy: '*',
  async create(p, site) {
    const StatementId = site.name(100);
    await site.call('lambda', 'AddPermission', { ...p, StatementId });
    return { physicalId: StatementId, attributes: { Id: StatementId } };
  },
  async remove({ physicalId: StatementId }, { FunctionName }, site) {
    await site.call('lambda', 'RemovePermission', { FunctionName, StatementId }).catch(gone);
  },
});

const url = structure(
  { TargetFunctionArn: text, AuthType: word<FunctionUrlAuthType>() },
  {
    Qualifier: text,
    InvokeMode: oneOf('BUFFERED', 'RESPONSE_STREAM'),
    Cors: structure(
      {},
      {
        AllowCredentials: flag,
        AllowHeaders: list(text),
        AllowMethods: list(text),
        AllowOrigins: list(text),
        ExposeHeaders: list(text),
        MaxAge: integer,
      },
    ),
  },
);

const urlResource = resource<Read<typeof url>>({
  type: 'AWS::Lambda::Url',
  shape: url,
  attributes: ['FunctionUrl', 'FunctionArn'],
  replacedBy: ['TargetFunctionArn', 'Qualifier'],
  async create({ TargetFunctionArn, ...rest }, site) {
    const made = await site.call('lambda', 'CreateFunctionUrlConfig', { ...rest, FunctionName: TargetFunctionArn });
    const FunctionArn = needed(made.FunctionArn, 'FunctionArn');
    return { physicalId: FunctionArn, attributes: { FunctionArn, FunctionUrl: needed(made.FunctionUrl, 'FunctionUrl') } };
  },
  async update({ TargetFunctionArn, Cors = {}, ...rest }, _before, standing, site) {
    await site.call('lambda', 'UpdateFunctionUrlConfig', { ...rest, Cors, FunctionName: TargetFunctionArn });
    return standing;
  },
  async remove(_standing, { TargetFunctionArn, Qualifier }, site) {
    const qualified = Qualifier === undefined ? {} : { Qualifier };
    await site.call('lambda', 'DeleteFunctionUrlConfig', { FunctionName: TargetFunctionArn, ...qualified }).catch(gone);
  },
});

const target = structure({ Destination: text }, {});
const invokeConfig = structure(
  { FunctionName: text, Qualifier: text },
  {
    MaximumEventAgeInSeconds: integer,
    MaximumRetryAttempts: integer,
    DestinationConfig: structure({}, { OnFailure: target, OnSuccess: target }),
  },
);

const invokeConfigResource = resource<Read<typeof invokeConfig>>({
  type: 'AWS::Lambda::EventInvokeConfig',
  shape: invokeConfig,
  attributes: [],
  replacedBy: ['FunctionName', 'Qualifier'],
  async create(p, site) {
    await site.call('lambda', 'PutFunctionEventInvokeConfig', p);
    return { physicalId: `${p.FunctionName}|${p.Qualifier}`, attributes: {} };
  },
  async update(p, _before, standing, site) {
    await site.call('lambda', 'PutFunctionEventInvokeConfig', p);
    return standing;
  },
  async remove(_standing, { FunctionName, Qualifier }, site) {
    await site.call('lambda', 'DeleteFunctionEventInvokeConfig', { FunctionName, Qualifier }).catch(gone);
  },
});

export const lambdaResources = [versionResource, aliasResource, permissionResource, urlResource, invokeConfigResource];
