// One cluster: its folder, its port, its server while it runs, and the superuser's sessions in it.
import { join } from 'node:path';
import { Client } from 'pg';
import type { Warden } from '../../host/warden.ts';
import type { Cluster } from '../contract.ts';
import type { Installation } from './installation.ts';
import { keepSessions, type Keeper } from './keeper.ts';
import { freePort } from './ports.ts';
import { PortTaken, type Server, startServer } from './server.ts';
import { ADMIN } from './settings.ts';

export interface ClusterPlace {
  readonly name: string;
  /** Holds the data and the socket. */
  readonly folder: string;
  readonly installation: Installation;
  readonly warden: Warden;
}

/** A cluster as its host sees it: what it was made as and what it hands on are the host's to say. */
export interface OwnCluster extends Omit<Cluster, 'archive' | 'origin' | 'remove'> {
  readonly data: string;
  /** Nobody starts or stops it meanwhile. */
  still<T>(work: () => Promise<T>): Promise<T>;
}

const MOST_PORTS = 20;

export async function createCluster({ name, folder, installation, warden }: ClusterPlace): Promise<OwnCluster> {
  const data = join(folder, 'data');
  let port = await freePort();
  let server: Server | undefined;
  let keeper: Keeper | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  const still = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work);
    turn = mine.catch(() => undefined);
    return mine;
  };

  async function open(database = 'postgres'): Promise<Client> {
    const client = new Client({ host: folder, port, user: ADMIN, database, ssl: false });
    // Whoever's session is cut hears of it at the next query; without a listener the whole process would end.
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }
  const answers = async (): Promise<void> => (await open(ADMIN)).end();

  async function begin(): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        server = await startServer({ installation, data, port, warden, answers });
        keeper = await keepSessions(open);
        return;
      } catch (error) {
        if (!(error instanceof PortTaken) || tries === MOST_PORTS)
          throw new Error(`PostgreSQL of ${name} could not start: ${(error as Error).message}`, { cause: error });
        port = await freePort();
      }
    }
  }
  async function end(how: 'fast' | 'immediate'): Promise<void> {
    // A crash says goodbye to nobody.
    const left = keeper?.stop();
    keeper = undefined;
    if (how === 'fast') await left;
    await server?.stop(how);
    server = undefined;
  }

  return {
    name,
    data,
    still,
    open,
    get port() {
      return port;
    },
    get running() {
      return server?.alive ?? false;
    },
    start: () => still(async () => (server?.alive ? undefined : begin())),
    stop: (how = 'fast') => still(() => end(how)),
  };
}
