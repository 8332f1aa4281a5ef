/** @type {import("jest").Config} */
module.exports = {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/__tests__/**/*.test.ts'],
  // Hundreds of whole failovers: `npm run soak`. What they need of an hour is more than every commit may take.
  testPathIgnorePatterns: [
    '/node_modules/',
    ...(process.env.CHANGEOVER_SOAK === undefined
      ? ['kills', 'kills-servers', 'interleavings', 'permissions', 'restore-rounds-more'].map(
          (name) => `rehearsal/${name}\\.test\\.ts$`,
        )
      : []),
  ],
  modulePathIgnorePatterns: ['<rootDir>/.esbuild', '<rootDir>/.serverless', '<rootDir>/.rehearsal'],
  // @middy/core 7 exports an "import" condition only: name the file, then let swc turn it into CommonJS.
  moduleNameMapper: {
    '^@middy/(core|util)$': '<rootDir>/node_modules/@middy/$1/index.js',
    // What esbuild puts into the bundle, see esbuild.config.ts.
    '^pg_dump\\.wasm$': '<rootDir>/node_modules/@electric-sql/pglite-tools/dist/pg_dump.wasm',
    '^@electric-sql/pglite-tools/pg_dump$': '<rootDir>/node_modules/@electric-sql/pglite-tools/dist/pg_dump.cjs',
  },
  transformIgnorePatterns: ['/node_modules/(?!@middy/|@electric-sql/.+\\.wasm$)'],
  transform: {
    '\\.wasm$': '<rootDir>/jest.wasm.cjs',
    '^.+\\.[tj]s$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs', ignoreDynamic: true } },
    ],
  },
  reporters: ['default', '<rootDir>/jest.counts.cjs'],
  // What one test leaves must not help or hurt the next: their order is another each time, under a seed that is printed.
  randomize: true,
  showSeed: true,
  maxWorkers: 2,
  testSequencer: '<rootDir>/jest.sequencer.cjs',
  testTimeout: 30_000,
  setupFiles: ['<rootDir>/jest.setup.cjs'],
};
