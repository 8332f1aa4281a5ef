// serverless-esbuild loads its config with a bare require(); this keeps esbuild.config.ts the real one on every Node.
module.exports = require('tsx/cjs/api').require('./esbuild.config.ts', __filename).default;
