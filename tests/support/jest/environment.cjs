'use strict';
/**
 * Where tests run: in Node itself, not in a context of its own. So each process of jest loads kvflow, and what it stands on, once
 * and not once for each test file, which was half of a short file's time. What a file changes of the process is set back after it.
 *
 * Limits of time grow with the machine: `KVFLOW_TEST_PATIENCE` says how many times as long as it says itself a test, or a hook,
 * may take; see scripts/patience.ts.
 */
const { ModernFakeTimers } = require('@jest/fake-timers');
const { ModuleMocker } = require('jest-mock');

const PATIENCE = Number(process.env.KVFLOW_TEST_PATIENCE ?? 1);

const SET = ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'];
const CLEAR = ['clearTimeout', 'clearInterval', 'clearImmediate'];
/** What fake timers take the place of. */
const CLOCK = Object.fromEntries([...SET, ...CLEAR, 'Date'].map(name => [name, globalThis[name]]));

/** One for all files of a process: they hold on to what they replaced. */
const mocker = new ModuleMocker(globalThis);
let timers;

module.exports = class {
  global = globalThis;
  fakeTimers = null;
  moduleMocker = mocker;
  #env = { ...process.env };
  #console = console;
  #exit = process.exit;
  /** A library of a file may give whole numbers one for the whole process (n8n-workflow does). */
  #bigintJson = Object.getOwnPropertyDescriptor(BigInt.prototype, 'toJSON');
  /** Hooks run before each test, and are to wait longer once. */
  #patient = new WeakSet();

  constructor({ projectConfig }) {
    timers ??= new ModernFakeTimers({ config: projectConfig, global: globalThis });
    this.fakeTimersModern = timers;
  }

  async setup() {}

  async teardown() {
    timers.dispose();
    mocker.restoreAllMocks();
    // A spy on a timer that was a fake one puts that back, and the next file would wait for ever.
    Object.assign(globalThis, CLOCK);
    globalThis.console = this.#console;
    process.exit = this.#exit;
    delete BigInt.prototype.toJSON;
    if (this.#bigintJson) Object.defineProperty(BigInt.prototype, 'toJSON', this.#bigintJson);
    for (const name of Object.keys(process.env)) if (!(name in this.#env)) delete process.env[name];
    Object.assign(process.env, this.#env);
  }

  exportConditions() {
    return ['node', 'node-addons'];
  }

  /** There is none: nothing is to be loaded through it. */
  getVmContext() {
    return null;
  }

  handleTestEvent({ name, test, hook }, { testTimeout }) {
    if (name === 'test_start') this.#giveTime(test, testTimeout);
    if (name === 'hook_start') this.#giveTime(hook, testTimeout);
  }

  #giveTime(what, usual) {
    if (this.#patient.has(what)) return;
    this.#patient.add(what);
    what.timeout = (what.timeout ?? usual) * PATIENCE;
  }
};
