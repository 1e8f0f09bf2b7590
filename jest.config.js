/** Tests run the TypeScript sources as they are: types are stripped, nothing else is changed. */
export default {
  testEnvironment: '<rootDir>/tests/support/environment.cjs',
  extensionsToTreatAsEsm: ['.ts'],
  testMatch: ['<rootDir>/tests/**/*.test.ts'],
  testSequencer: '<rootDir>/tests/support/longest-first.cjs',
  globalSetup: '<rootDir>/tests/support/global-setup.ts',
  transform: { '\\.ts$': '<rootDir>/tests/support/strip-types.cjs' },
  testTimeout: 30_000,
};
