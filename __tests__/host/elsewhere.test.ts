import { expect, it } from '@jest/globals';
import { fork } from 'node:child_process';
import { cpSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

it('boots a function from a checkout that lies below /tmp, as a fresh clone may', async () => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'elsewhere-')));
  const child = join(root, 'child');
  cpSync(join(__dirname, '..', '..', 'rehearsal', 'host', 'child'), child, { recursive: true });
  writeFileSync(join(root, 'index.js'), 'exports.handler = async () => 1;');
  const environment = { LAMBDA_TASK_ROOT: root, _HANDLER: 'index.handler', AWS_LAMBDA_FUNCTION_NAME: 'f' };
  const settings = { offset: 0, published: [], scratch: join(root, 'scratch') };

  const runtime = fork(join(child, 'spare.cjs'), [], { env: {}, cwd: root, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  runtime.send({ environment, taskRoot: root, settings });
  const said = await new Promise((resolve) => {
    runtime.once('message', resolve);
    runtime.once('exit', (code) => resolve({ type: `exit ${code}` }));
  });
  runtime.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });

  expect(said).toMatchObject({ type: 'ready' });
});
