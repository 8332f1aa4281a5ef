import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { BuildOptions, Plugin, PluginBuild } from 'esbuild';
import { packagedEstate } from './resources/estate.ts';

interface PluginOptions {
  exclude: string[];
  concurrency: number;
  skipRebuild: boolean;
}

const TOOLS = join(__dirname, 'node_modules/@electric-sql/pglite-tools/dist');

/**
 * pg_dump's own loader asks `import("module")` for what it then calls `require`: as a require, which is what a dynamic import becomes
 * here, that would ask itself.
 */
const pgDump: Plugin = {
  name: 'pg_dump',
  setup(build) {
    build.onLoad({ filter: /pglite-tools[\\/]dist[\\/]pg_dump\.cjs$/ }, ({ path }) => {
      const [before, after, ...more] = readFileSync(path, 'utf8').split('await import("module")');
      if (before === undefined || after === undefined || more.length > 0)
        return { errors: [{ text: `${path} is not the pg_dump that this was written for: look how it loads its code now` }] };
      return { contents: `${before}process.getBuiltinModule("module")${after}`, loader: 'js' };
    });
  },
};

/**
 * serverless-esbuild builds one function after the other, and most of what each is made of is the same. Built by one call it is parsed
 * once, which takes a fifth of the time: so the first function is built as asked, for whoever invokes it alone, and at the second all
 * of them; each of the others is then only put where it is looked for. What is deployed and what is rehearsed come out of this alike.
 */
function buildTogether(options: BuildOptions): Plugin {
  let builds = 0;
  let together: Promise<Map<string, Uint8Array>> | undefined;

  async function buildAll({ build }: PluginBuild['esbuild']): Promise<Map<string, Uint8Array>> {
    const outdir = join(__dirname, 'functions');
    const entryPoints = readdirSync(outdir, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(outdir, name));
    const { outputFiles } = await build({ ...options, entryPoints, outdir, write: false });
    return new Map(outputFiles.map(({ path, contents }) => [path, contents]));
  }
  return {
    name: 'together',
    setup({ initialOptions, onStart, esbuild }) {
      builds += 1;
      const { entryPoints, outdir } = initialOptions;
      const [entry] = Array.isArray(entryPoints) ? entryPoints : [];
      if (builds === 1 || typeof entry !== 'string' || outdir === undefined) return;
      Object.assign(initialOptions, { entryPoints: [], stdin: { contents: '' }, write: false });
      onStart(async () => {
        together ??= buildAll(esbuild);
        const built = resolve(__dirname, entry).replace(/\.ts$/, '.js');
        for (const path of [built, `${built}.map`]) {
          const contents = (await together).get(path);
          if (contents === undefined) throw new Error(`${entry} was not built with the others`);
          mkdirSync(outdir, { recursive: true });
          writeFileSync(join(outdir, basename(path)), contents);
        }
      });
    },
  };
}

/** Also how the adapters are built that a test, a measurement or an image runs by themselves. */
export const bundleOptions = (): BuildOptions => ({
  bundle: true,
  platform: 'node',
  target: 'node22',
  // CommonJS: `sls invoke local` of osls loads .js and .cjs, never .mjs.
  format: 'cjs',
  // The SDK imports Node's own modules when it needs them: in CommonJS a require says the same, and what is compiled can be kept.
  supported: { 'dynamic-import': false },
  // AWS SDK v3 keeps its tree-shakeable build behind "module"; platform node would pick "main".
  mainFields: ['module', 'main'],
  minify: true,
  // A function parses each of its shapes once or twice: compiling the parsers (zod's `jitless: false`) takes longer than that.
  banner: { js: 'globalThis.__zod_globalConfig={jitless:true};' },
  keepNames: true,
  sourcemap: 'linked',
  sourcesContent: false,
  alias: {
    '@aws-sdk/credential-provider-node': join(__dirname, 'shared/cloud/aws/credentials.ts'),
    // Of the two it has, the one that knows where it is in a bundle of CommonJS; and its code, which it does not export by itself.
    '@electric-sql/pglite-tools/pg_dump': join(TOOLS, 'pg_dump.cjs'),
    'pg_dump.wasm': join(TOOLS, 'pg_dump.wasm'),
  },
  plugins: [pgDump],
  loader: { '.wasm': 'binary' },
  // Only a bundle that reads it holds it.
  define: { PACKAGED_ESTATE: JSON.stringify(packagedEstate()) },
});

/** Read by serverless-esbuild through esbuild.config.cjs. */
function config(): BuildOptions & Partial<PluginOptions> {
  const common = bundleOptions();
  return {
    ...common,
    plugins: [buildTogether(common), ...(common.plugins ?? [])],
    // The plugin's default is ["aws-sdk"] (v2). Bundle v3, so the lockfile decides the version.
    exclude: [],
    // Without it a failing `invoke local` leaves esbuild's context open and the CLI never exits.
    skipRebuild: true,
    concurrency: 4,
  };
}

export default config;
