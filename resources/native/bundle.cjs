// node resources/native/bundle.cjs FOLDER: the function's bundle, made as every other function's is.
const { join } = require('node:path');
const { build } = require('esbuild');
const { bundleOptions } = require('tsx/cjs/api').require('../../esbuild.config.ts', __filename);

const [folder] = process.argv.slice(2);
const absWorkingDir = join(__dirname, '..', '..');
build({ ...bundleOptions(), absWorkingDir, entryPoints: ['functions/act/lay-copy.ts'], outdir: folder }).catch(() =>
  process.exit(1),
);
