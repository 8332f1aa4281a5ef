import { describe, expect, it } from '@jest/globals';
import { build } from 'esbuild';
import { join } from 'node:path';
import config from '../../esbuild.config.ts';
import { sound } from './estates.ts';

const ROOT = join(__dirname, '..', '..');

/** A program built as the package builds a function, without what only the plugin understands. */
async function bundled(contents: string) {
  const { exclude: _, concurrency: __, skipRebuild: ___, ...options } = config();
  const { outputFiles, metafile } = await build({
    ...options,
    sourcemap: false,
    stdin: { contents, resolveDir: ROOT, loader: 'ts' },
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  return { code: outputFiles[0]?.text ?? '', inputs: Object.keys(metafile.inputs) };
}
/** What the program leaves in `module.exports`. */
function run(code: string): Record<string, unknown> {
  const module = { exports: {} as Record<string, unknown> };
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- the bundle itself is under test
  new Function('module', 'require', code)(module, require);
  return module.exports;
}

describe('a bundle that reads the estate', () => {
  it('has the whole of it', async () => {
    const { code } = await bundled(
      `import { packagedEstate } from './shared/cloud/aws/estate.ts'; module.exports = { estate: packagedEstate() };`,
    );

    expect(run(code)['estate']).toEqual(sound());
  });

  it('has neither YAML nor the words for mistakes', async () => {
    const { inputs } = await bundled(`export { packagedEstate } from './shared/cloud/aws/estate.ts';`);

    expect(inputs.filter((path) => /node_modules\/yaml\/|estate-(file|mistakes)/.test(path))).toEqual([]);
    expect(inputs).toContain('shared/estate.ts');
  });
});

describe('a bundle that does not read it', () => {
  it('has nothing of it', async () => {
    const { code } = await bundled(
      `export { readConfig } from './shared/config.ts'; export type { Estate } from './shared/estate.ts';`,
    );

    expect(code).not.toContain('orders-main');
  });
});
