// An estate of which nothing is known yet but its names, and the parts that no account tells.
import { fields, known, list, open, optional, type Fields, type List } from './sheet.ts';

export const ENVIRONMENTS_SAY =
  'Each by the name that its application answers as "environment": docs/first-account.md. Take out what is none.';
export const NAMES_SAY =
  'Each must serve the API; where it serves pages as well, say needs: { frontEnd: true }. Take out what a failover must not move.';

export const objectivesOpen = (): Fields => fields({ rtoSeconds: open(), rpoSeconds: open() });

export const approversOpen = (): List => list([fields({ name: open(), email: open() })]);

const networkOpen = (): Fields => fields({ subnets: open(), securityGroups: open() });

export const nameOpen = (hint: string): Fields => fields({ name: open(hint), zone: open(), types: open() });

const environmentOpen = (): Fields =>
  fields({
    role: open(),
    database: fields({
      instance: open(),
      name: open(),
      owner: open(),
      application: open(),
      secrets: fields({ master: open(), application: open() }),
    }),
    web: fields({ loadBalancer: open(), distribution: optional() }),
    buckets: fields({ uploads: open() }),
    network: networkOpen(),
  });

/** What somebody says before anything else is asked. */
export interface Outline {
  readonly app: string;
  readonly region: string;
  readonly environments: readonly string[];
  readonly names: readonly string[];
}

export const blankEstate = ({ app, region, environments, names }: Outline): Fields =>
  fields({
    app: known(app),
    region: known(region),
    strategy: open(),
    objectives: objectivesOpen(),
    environments: fields(Object.fromEntries(environments.map((name) => [name, environmentOpen()])), ENVIRONMENTS_SAY),
    names: list(
      names.map((name) => fields({ name: known(name), zone: open(), types: open() })),
      NAMES_SAY,
    ),
    approvers: approversOpen(),
  });
