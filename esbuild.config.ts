import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import type { BuildOptions, Plugin } from 'esbuild';
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

/** Read by serverless-esbuild through esbuild.config.cjs. */
const config = (): BuildOptions & Partial<PluginOptions> => ({
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
  // The plugin's default is ["aws-sdk"] (v2). Bundle v3, so the lockfile decides the version.
  exclude: [],
  // Without it a failing `invoke local` leaves esbuild's context open and the CLI never exits.
  skipRebuild: true,
  concurrency: 2,
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

export default config;
