import js from '@eslint/js';
import jest from 'eslint-plugin-jest';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Who may import whom: docs/layout.md says it in words, this says it to the machine. */
const mayNotImport = (files, patterns, ignores = []) => ({
  files,
  ignores,
  rules: { 'no-restricted-imports': ['error', { patterns }] },
});
const rehearsal = { group: ['**/rehearsal/**'], message: 'nothing outside rehearsal/ knows the embedded cloud' };
const tests = { group: ['**/__tests__/**'], message: 'nothing outside __tests__/ imports __tests__/' };
const events = { group: ['**/events/**/*.json', '**/events/*.json'], message: 'events/ are read as files, never imported' };
const sdk = { group: ['@aws-sdk/*', '@smithy/*'], message: 'only shared/cloud/aws/ knows the SDK' };
const adapters = { group: ['**/cloud/aws/**'], message: 'steps, runbooks and drafts see ports, not the adapters' };
const reader = { group: ['**/estate-file.ts', '**/estate-mistakes.ts'], message: 'a bundle has the estate without its reader' };
const steps = { group: ['**/functions/**'], message: 'a step imports no other step' };

export default defineConfig(
  { ignores: ['.serverless', '.esbuild', '.rehearsal', '**/*.cjs', '**/*.mjs'] },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // Objects here are closures: nothing has a `this` to lose.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // The AWS APIs are full of optional lists that may hold anything; a narrower rule would forbid the plain check.
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
    },
  },
  mayNotImport(['functions/**/*.ts'], [rehearsal, tests, events, sdk, adapters, steps, reader]),
  mayNotImport(['shared/**/*.ts'], [rehearsal, tests, events, sdk, steps], ['shared/cloud/aws/**', 'shared/lambda.ts']),
  mayNotImport(['shared/lambda.ts'], [rehearsal, tests, events, sdk, steps, reader]),
  mayNotImport(['shared/cloud/aws/**/*.ts'], [rehearsal, tests, events, steps, reader]),
  mayNotImport(
    ['shared/runbooks/**/*.ts'],
    [
      rehearsal,
      tests,
      events,
      sdk,
      adapters,
      steps,
      { group: ['**/cloud/**', 'node:*'], message: 'runbooks are pure: zod and shared/errors only' },
    ],
  ),
  mayNotImport(['commands/**/*.ts'], [rehearsal, tests, events, sdk, steps]),
  mayNotImport(
    ['commands/drafting/**/*.ts'],
    [
      rehearsal,
      tests,
      events,
      sdk,
      steps,
      adapters,
      {
        group: ['node:fs', 'node:readline', '**/estate-file.ts'],
        message: 'a draft is decided before anything is read or written',
      },
    ],
  ),
  mayNotImport(
    ['rehearsal/**/*.ts'],
    [
      tests,
      events,
      steps,
      {
        group: ['**/shared/**', '!**/shared/estate.ts', '!**/shared/estate-file.ts'],
        message: 'the rehearsal runs the packaged service, not its source; it reads only the same estate',
      },
    ],
  ),
  {
    files: ['__tests__/**'],
    extends: [jest.configs['flat/recommended']],
    rules: {
      'jest/no-disabled-tests': 'error',
      'jest/no-focused-tests': 'error',
      'jest/expect-expect': ['error', { assertFunctionNames: ['expect*', '**.expect*', 'fc.assert'] }],
    },
  },
  // A port's contract is written once and held against each of its adapters.
  { files: ['__tests__/**/*.port.ts', '__tests__/rehearsal/situations-of.ts'], rules: { 'jest/no-export': 'off' } },
);
