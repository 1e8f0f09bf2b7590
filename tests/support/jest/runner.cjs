'use strict';
/** Runs a test file with jest's own runner, but has Node itself import it; see environment.cjs. */
const { readFileSync } = require('node:fs');
const { registerHooks, stripTypeScriptTypes } = require('node:module');
const { join } = require('node:path');
const { fileURLToPath, pathToFileURL } = require('node:url');
const { default: circus } = require('jest-circus/runner');

const TESTS = pathToFileURL(join(__dirname, '../../')).href;
/** What `@jest/globals` stands for. */
const GLOBALS = pathToFileURL(join(__dirname, 'globals.mjs')).href;
const FILE = /\?file=\d+$/;

// Names of jest's.
const HANDLERS = Symbol.for('EVENT_HANDLERS');
const TIMEOUT = Symbol.for('TEST_TIMEOUT_SYMBOL');

/** How many test files this process has begun. */
let files = 0;
/** What most test files load of it, without its types: taking them out again for each took longer than all else of loading. */
const stripped = new Map();

// What lies below tests/ is loaded anew for each test file: it may hold a server that the file before has ended.
registerHooks({
  resolve(specifier, context, next) {
    const file = FILE.exec(context.parentURL ?? '')?.[0];
    if (specifier === '@jest/globals') return { url: `${GLOBALS}${file}`, shortCircuit: true };
    const found = next(specifier, context);
    const isOurs = file && found.url.startsWith(TESTS) && found.url.endsWith('.ts');
    return isOurs ? { ...found, url: `${found.url}${file}` } : found;
  },
  load(url, context, next) {
    if (!FILE.test(url) || !url.startsWith(TESTS) || url.startsWith(GLOBALS)) return next(url, context);
    const path = fileURLToPath(url);
    const source = stripped.get(path) ?? stripTypeScriptTypes(readFileSync(path, 'utf8'));
    stripped.set(path, source);
    return { format: 'module', source, shortCircuit: true };
  },
});

module.exports = (globalConfig, config, environment, runtime, testPath, send) => {
  files++;
  delete globalThis[TIMEOUT];
  const importing = Object.create(runtime, {
    requireInternalModule: { value: requireAnew },
    setGlobalsForRuntime: { value: globals => setGlobals(globals, environment) },
    unstable_shouldLoadAsEsm: { value: () => true },
    unstable_importModule: { value: path => import(`${pathToFileURL(path)}?file=${files}`) },
  });
  return circus(globalConfig, config, environment, importing, testPath, send);
};

/** The framework gathers tests and state where it is loaded: each file has one of its own. */
function requireAnew(path) {
  delete require.cache[path];
  delete globalThis[HANDLERS];
  return require(path);
}

function setGlobals(globals, { moduleMocker, fakeTimersModern }) {
  const jest = {
    fn: moduleMocker.fn.bind(moduleMocker),
    spyOn: moduleMocker.spyOn.bind(moduleMocker),
    restoreAllMocks: () => moduleMocker.restoreAllMocks(),
    useFakeTimers: options => fakeTimersModern.useFakeTimers(options),
    useRealTimers: () => fakeTimersModern.useRealTimers(),
    advanceTimersByTime: ms => fakeTimersModern.advanceTimersByTime(ms),
    advanceTimersByTimeAsync: ms => fakeTimersModern.advanceTimersByTimeAsync(ms),
    getTimerCount: () => fakeTimersModern.getTimerCount(),
    setTimeout: ms => {
      globalThis[TIMEOUT] = ms;
    },
  };
  globalThis[Symbol.for('kvflow.jest')] = { ...globals, jest };
}
