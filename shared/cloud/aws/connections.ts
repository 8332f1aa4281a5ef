// Whatever leads an application, and us, to a database: its two secrets, and a parameter and a name of the team's where there are any.
import {
  ChangeResourceRecordSetsCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
  type ResourceRecordSet,
} from '@aws-sdk/client-route-53';
import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import * as z from 'zod';
import { RunbookError } from '../../errors.ts';
import type { Database, Estate } from '../../estate.ts';
import type { Place } from '../../runbooks/instances.ts';
import type { Connections, Pointer } from '../ports.ts';
import { environmentOf } from './environments.ts';
import { asking, nameOf } from './errors.ts';
import { packagedEstate } from './estate.ts';
import { plain } from './names.ts';

/** How long anybody may go on with the old answer. */
const TTL_SECONDS = 5;

/** One thing that leads there. */
interface Hand {
  readonly kind: Pointer['kind'];
  readonly name: string;
  read(): Promise<string | null>;
  write(place: Place): Promise<void>;
}

export function awsConnections(estate: () => Estate = packagedEstate): Connections {
  const clients = {
    secrets: new SecretsManagerClient({}),
    parameters: new SSMClient({}),
    zones: new Route53Client({ region: 'us-east-1' }),
  };
  const handsOf = (environment: string): Hand[] => hands(environmentOf(estate(), environment).database, clients);
  return {
    read: (environment) =>
      Promise.all(handsOf(environment).map(async ({ kind, name, read }) => ({ kind, name, host: await read() }))),
    async point(environment, place) {
      // One after the other: whoever dies between two of them goes on from there.
      for (const hand of handsOf(environment)) if ((await hand.read()) !== place.host) await hand.write(place);
    },
  };
}

interface Clients {
  readonly secrets: SecretsManagerClient;
  readonly parameters: SSMClient;
  readonly zones: Route53Client;
}

/** Ours last: as long as they lead to the old server, undoing finds it there. */
const hands = ({ swap, secrets }: Database, clients: Clients): Hand[] => [
  ...(swap.name === undefined ? [] : [nameHand(swap.name, clients)]),
  ...(swap.parameter === undefined ? [] : [parameterHand(swap.parameter, clients)]),
  secretHand(secrets.application, clients),
  secretHand(secrets.master, clients),
];

const Credentials = z.looseObject({ host: z.string() });

function secretHand(name: string, { secrets }: Clients): Hand {
  const readAll = async (): Promise<z.infer<typeof Credentials>> => {
    const { SecretString = '' } = await asking(`reading the secret ${name}`, () =>
      secrets.send(new GetSecretValueCommand({ SecretId: name })),
    );
    const parsed = Credentials.safeParse(jsonOf(SecretString));
    if (parsed.success) return parsed.data;
    throw new RunbookError('CloudRefused', `the secret ${name} lacks host; it holds username, password, host and port as JSON`);
  };
  return {
    kind: 'secret',
    name,
    read: async () => (await readAll()).host,
    async write({ host, port, instance }) {
      const known = await readAll();
      const moved = {
        ...known,
        host,
        ...('port' in known && { port: typeof known['port'] === 'string' ? String(port) : port }),
        ...('dbInstanceIdentifier' in known && { dbInstanceIdentifier: instance }),
      };
      await asking(`writing the secret ${name}`, () =>
        secrets.send(new PutSecretValueCommand({ SecretId: name, SecretString: JSON.stringify(moved) })),
      );
    },
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function parameterHand(Name: string, { parameters }: Clients): Hand {
  return {
    kind: 'parameter',
    name: Name,
    read: () =>
      asking(`reading the parameter ${Name}`, async () => {
        try {
          return (await parameters.send(new GetParameterCommand({ Name }))).Parameter?.Value ?? null;
        } catch (error) {
          if (nameOf(error) === 'ParameterNotFound') return null;
          throw error;
        }
      }),
    write: async ({ host }) => {
      await asking(`writing the parameter ${Name}`, () =>
        parameters.send(new PutParameterCommand({ Name, Value: host, Type: 'String', Overwrite: true })),
      );
    },
  };
}

function nameHand({ name, zone }: NonNullable<Database['swap']['name']>, { zones }: Clients): Hand {
  const readRecord = (): Promise<ResourceRecordSet | undefined> =>
    asking(`reading ${name} in ${zone}`, async () => {
      const start = { StartRecordName: name, StartRecordType: 'CNAME' as const, MaxItems: 1 };
      const { ResourceRecordSets = [] } = await zones.send(new ListResourceRecordSetsCommand({ HostedZoneId: zone, ...start }));
      return ResourceRecordSets.find((record) => plain(record.Name) === plain(name) && record.Type === 'CNAME');
    });
  return {
    kind: 'name',
    name,
    read: async () => (await readRecord())?.ResourceRecords?.[0]?.Value?.replace(/\.$/, '') ?? null,
    async write({ host }) {
      const record = { Name: name, Type: 'CNAME' as const, TTL: TTL_SECONDS, ResourceRecords: [{ Value: host }] };
      const Changes = [{ Action: 'UPSERT' as const, ResourceRecordSet: record }];
      await asking(`changing ${name} in ${zone}`, () =>
        zones.send(new ChangeResourceRecordSetsCommand({ HostedZoneId: zone, ChangeBatch: { Changes } })),
      );
    },
  };
}
