/**
 * Where tests run: Node, with limits of time that grow with the machine. `KVFLOW_TEST_PATIENCE` says how many times as long
 * as it says itself a test, or a hook, may take; see scripts/patience.ts.
 */
const { TestEnvironment } = require('jest-environment-node');

const PATIENCE = Number(process.env.KVFLOW_TEST_PATIENCE ?? 1);

module.exports = class extends TestEnvironment {
  /** Hooks run before each test, and are to wait longer once. */
  #patient = new WeakSet();

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
