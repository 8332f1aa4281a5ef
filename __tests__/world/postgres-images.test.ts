import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { createTimeline } from '../../rehearsal/time/timeline.ts';
import { createAuthority } from '../../rehearsal/world/authority.ts';
import type { Authority, Cluster, PostgresHost, Replica, RestoreOptions } from '../../rehearsal/world/contract.ts';
import { createPostgresHost } from '../../rehearsal/world/postgres/host.ts';
import { holdInstallation } from '../../rehearsal/world/postgres/installation.ts';

const MASTER = { username: 'boss', password: 'the master of all' };
const HOUR = 3_600_000;

let folder: string;
let authority: Authority;
let host: PostgresHost;
let made = 0;
const hold = holdInstallation();
const timeline = createTimeline({ pace: { kind: 'virtual' } });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'images-'));
  chmodSync(folder, 0o755);
  authority = await createAuthority(folder, Date.now);
  const { now, wallAt } = timeline;
  host = createPostgresHost({ folder, authority, now, wallAt });
}, 60_000);
afterAll(async () => {
  await host.stop();
  await hold.release();
  timeline.stop();
  rmSync(folder, { recursive: true });
});

const placeOf = (name: string) => ({ name, endpoint: `${name}.abcdefghijkl.eu-west-1.rds.amazonaws.com` });
const next = (kind: string) => placeOf(`${kind}-${++made}`);

async function withNotes(): Promise<Cluster> {
  const one = await host.create({ ...next('db'), master: MASTER });
  await asMaster(one, 'CREATE TABLE note (n int)');
  return one;
}
async function asMaster(on: Cluster, sql: string, password = MASTER.password): Promise<Record<string, unknown>[]> {
  const ssl = { ca: authority.pem, servername: placeOf(on.name).endpoint };
  const client = new Client({ host: '127.0.0.1', port: on.port, user: 'boss', password, database: 'postgres', ssl });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}
const note = (on: Cluster, n: number) => asMaster(on, `INSERT INTO note VALUES (${n})`);
const notes = async (on: Cluster, password?: string) =>
  (await asMaster(on, 'SELECT n FROM note ORDER BY n', password)).map(({ n }) => Number(n));
const restored = (from: Cluster, to: number): Promise<Cluster> => {
  if (!from.origin) throw new Error(`${from.name} has no origin`);
  return host.restore(from.origin, { ...next('again'), replay: { archive: from.archive, to } });
};
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}
const answers = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(!!socket.destroy()));
    socket.once('error', () => resolve(false));
  });
const folders = () => readdirSync(folder).sort();

describe('an image', () => {
  it('of a cluster that is written to has what was committed until it was taken, and may be restored more than once', async () => {
    const one = await withNotes();
    let committed = 0;
    let stop = false;
    const writing = (async () => {
      for (let n = 1; !stop; n++) {
        await note(one, n);
        committed = n;
      }
    })();
    await until(() => Promise.resolve(committed > 5));

    const before = committed;
    const image = await host.image(one);
    const after = committed + 1;
    await until(() => Promise.resolve(committed > after + 5));
    stop = true;
    await writing;
    const [first, second] = [await host.restore(image, next('first')), await host.restore(image, next('second'))];

    const kept = await notes(first);
    expect(kept).toEqual(kept.map((_, place) => place + 1));
    expect([kept.length >= before, kept.length <= after]).toEqual([true, true]);
    expect(await notes(second)).toEqual(kept);
    expect(image.bytes).toBeGreaterThan(5_000_000);
  }, 30_000);

  it('keeps every password, stands when its cluster is gone, and is worth nothing once it was removed', async () => {
    const one = await withNotes();
    await note(one, 1);
    await asMaster(one, `ALTER ROLE boss PASSWORD 'a later one'`);
    const image = await host.image(one);
    await one.remove();

    const again = await host.restore(image, next('again'));
    await image.remove();
    const late = host.restore(image, next('late'));

    expect(await notes(again, 'a later one')).toEqual([1]);
    await expect(late).rejects.toThrow(/late-\d+ could not be laid out .* the image of db-\d+ was removed/);
  });

  it('of a cluster at rest, even after a crash, is restored too', async () => {
    const one = await withNotes();
    await note(one, 1);
    await one.stop('immediate');

    const again = await host.restore(await host.image(one), next('again'));
    await one.start();
    await note(one, 2);

    expect([await notes(again), await notes(one)]).toEqual([[1], [1, 2]]);
  });
});

describe('a point in time', () => {
  it('is exact to the row: what was committed by then is there, what was committed later is not', async () => {
    const one = await withNotes();
    const instants: number[] = [];
    for (let n = 1; n <= 6; n++) {
      await note(one, n);
      instants.push(timeline.now());
      // The timeline's millisecond ends.
      await until(() => Promise.resolve(timeline.now() > (instants.at(-1) ?? 0)));
    }

    const [third, last] = [await restored(one, instants[2] ?? 0), await restored(one, instants[5] ?? 0)];

    expect([await notes(third), await notes(last)]).toEqual([
      [1, 2, 3],
      [1, 2, 3, 4, 5, 6],
    ]);
  });

  it('lies within hours that virtual time jumped over, however close the rows are on the wall', async () => {
    const one = await withNotes();
    const began = timeline.now();
    for (let n = 1; n <= 4; n++) {
      await note(one, n);
      await timeline.passTo(began + n * HOUR);
    }

    const between = [1, 2, 3].map((n) => restored(one, began + n * HOUR - HOUR / 2));

    const found = await Promise.all((await Promise.all(between)).map((cluster) => notes(cluster)));
    expect(found).toEqual([[1], [1, 2], [1, 2, 3]]);
  }, 30_000);

  it('after the last commit is all there is, while the cluster goes on writing', async () => {
    const one = await withNotes();
    await note(one, 1);
    const before = timeline.now();
    await timeline.passTo(before + HOUR);

    const restoring = restored(one, timeline.now() - 1);
    await until(() => Promise.resolve(timeline.now() > before + HOUR + 5));
    await note(one, 2);

    expect(await notes(await restoring)).toEqual([1]);
  });

  it.each(['fast', 'immediate'] as const)(
    'is found when the server was lost (%s), and when the whole cluster is gone',
    async (how) => {
      const one = await withNotes();
      await note(one, 1);
      await timeline.passTo(timeline.now() + HOUR);
      const instant = timeline.now() - 1;
      await note(one, 2);
      await one.stop(how);

      const first = await restored(one, instant);
      await one.remove();
      const second = await restored(one, timeline.now());

      expect([await notes(first), await notes(second)]).toEqual([[1], [1, 2]]);
    },
  );

  it('is found from an image, in a copy, and again in what was restored', async () => {
    const source = await withNotes();
    await note(source, 1);
    const copy = await host.copy(source, { ...next('copy'), master: { ...MASTER } });
    await note(copy, 2);
    await note(source, 77);
    const instant = timeline.now();
    const third = await restored(copy, instant);
    const before = await notes(third);
    await until(() => Promise.resolve(timeline.now() > instant));
    const image = await host.image(third);
    await note(third, 3);
    const replay: RestoreOptions['replay'] = { archive: third.archive, to: timeline.now() };

    const fourth = await host.restore(image, { ...next('fourth'), replay });

    expect([before, await notes(fourth)]).toEqual([
      [1, 2],
      [1, 2, 3],
    ]);
  });

  it('before the end of the image, or of another host, is refused, and leaves nothing', async () => {
    const one = await withNotes();
    const before = timeline.now() - 1000;
    const image = await host.image(one);
    const there = folders();

    const early = host.restore(image, { ...placeOf('early'), replay: { archive: one.archive, to: before } });
    const foreign = host.restore({ ...image }, placeOf('foreign'));

    await expect(early).rejects.toThrow('early cannot be restored to an instant before the end of the image it is restored from');
    await expect(foreign).rejects.toThrow('what foreign is to be restored from is no image of this host');
    expect(folders()).toEqual(there);
  });

  it('is lost with its archive, which does not stop the cluster', async () => {
    const one = await withNotes();
    await one.archive.remove();
    await asMaster(one, 'INSERT INTO note SELECT generate_series(1, 100000)');

    const late = restored(one, timeline.now());

    await expect(late).rejects.toThrow(/its archive was removed/);
    expect(await asMaster(one, 'SELECT count(*)::int AS n FROM note')).toEqual([{ n: 100_000 }]);
  });
});

describe('a replica', () => {
  const replicaOf = async (source: Cluster): Promise<Replica> => host.replicate(source, next('replica'));

  it('streams, only reads, and writes once it was promoted, apart from its source', async () => {
    const one = await withNotes();
    await note(one, 1);
    const replica = await replicaOf(one);
    await note(one, 2);
    await until(async () => (await notes(replica)).length === 2);
    await expect(note(replica, 3)).rejects.toMatchObject({ code: '25006' });
    const streamed = await replica.streams();

    await replica.promote();
    await note(replica, 3);
    await note(one, 4);

    expect([streamed, await replica.streams()]).toEqual([true, false]);
    expect([await notes(replica), await notes(one)]).toEqual([
      [1, 2, 3],
      [1, 2, 4],
    ]);
  });

  it('that rested while its source wrote and was lost finds the rest in the archive', async () => {
    const one = await withNotes();
    const replica = await replicaOf(one);
    await replica.stop();
    await asMaster(one, 'INSERT INTO note SELECT generate_series(1, 100000)');
    await one.remove();

    await replica.start();
    await until(async () => (await notes(replica)).length === 100_000);
    await replica.promote();
    await note(replica, 0);

    expect((await notes(replica)).length).toBe(100_001);
  }, 30_000);

  it('of a cluster that does not run cannot be made', async () => {
    const one = await withNotes();
    await one.stop();

    await expect(host.replicate(one, placeOf('none'))).rejects.toThrow(`${one.name} does not run: nothing streams from it`);
  });
});

describe('a cluster that is removed', () => {
  it('leaves its port and no folder but its archive, which goes by itself', async () => {
    const there = folders();
    const one = await withNotes();
    const { port } = one;
    const stood = await answers(port);

    await one.remove();
    const left = folders().filter((name) => !there.includes(name));
    await one.archive.remove();

    expect([stood, await answers(port), one.running, left]).toEqual([true, false, false, [expect.stringMatching(/^wal/)]]);
    expect(folders()).toEqual(there);
    expect(existsSync(join(folder, left[0] ?? ''))).toBe(false);
    await expect(host.image(one)).rejects.toThrow('is no cluster of this host');
  });
});
