import { join } from 'node:path';
import type { BuildOptions } from 'esbuild';
import { packagedEstate } from './resources/estate.ts';

interface PluginOptions {
  exclude: string[];
  concurrency: number;
  skipRebuild: boolean;
}

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
    // The package does not export its code by itself.
    'pg_dump.wasm': join(__dirname, 'node_modules/@electric-sql/pglite-tools/dist/pg_dump.wasm'),
  },
  loader: { '.wasm': 'binary' },
  // Only a bundle that reads it holds it.
  define: { PACKAGED_ESTATE: JSON.stringify(packagedEstate()) },
});

export default config;
