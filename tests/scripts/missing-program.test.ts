import { afterEach, expect, test } from '@jest/globals';
import { findProgram } from '../support/debian/program.ts';

const { PATH, CI } = process.env;
afterEach(() => {
  for (const [name, value] of Object.entries({ PATH, CI })) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

const absent = { names: ['kvflow-absent'], package: 'kvflow-absent-package' };

test('a program that tests need and nobody can install fails the run under CI=true, with what to install', async () => {
  // Without apt-get nothing is installed either.
  process.env.PATH = '';
  process.env.CI = 'true';
  await expect(findProgram(absent)).rejects.toThrow('apt-get install kvflow-absent-package');
});

test('elsewhere it is only not there', async () => {
  process.env.PATH = '';
  delete process.env.CI;
  expect(await findProgram(absent)).toBeUndefined();
});
