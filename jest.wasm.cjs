// As esbuild's loader "binary" does it: what is imported is the file's bytes.
module.exports = {
  process: (_text, path) => ({
    code: `module.exports = { __esModule: true, default: new Uint8Array(require('node:fs').readFileSync(${JSON.stringify(path)})) };`,
  }),
};
