/** Tests run the TypeScript sources as they are, in Node itself; see tests/support/jest/environment.cjs. */
export default {
  testEnvironment: '<rootDir>/tests/support/jest/environment.cjs',
  testRunner: '<rootDir>/tests/support/jest/runner.cjs',
  testMatch: ['<rootDir>/tests/**/*.test.ts'],
  testSequencer: '<rootDir>/tests/support/longest-first.cjs',
  globalSetup: '<rootDir>/tests/support/global-setup.ts',
  transform: {},
  testTimeout: 30_000,
  // Node writes the code it has compiled behind the last test, for half a second and more.
  workerGracefulExitTimeout: 5_000,
};
