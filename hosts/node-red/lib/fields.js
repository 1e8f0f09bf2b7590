import { invalid } from './failures.js';

/** @import { Envelope, Field, Msg, NodeConfig, Red, RedNode } from './types.d.ts' */

/** Nanoseconds of each unit that a duration can be given in. */
const UNITS = new Map(
  Object.entries({ milliseconds: 1e6, seconds: 1e9, minutes: 60e9, hours: 3_600e9, days: 86_400e9 }),
);
/** Types that say the same for every message. */
const CONSTANT = new Set(['str', 'num', 'bool', 'json', 'bin', 'env', 'code', ...UNITS.keys()]);

/** Names of what the editor stores for a field: its text and the text's type. */
export const propertyOf = (/** @type {string} */ field) => `input_${field}`;
export const typeOf = (/** @type {string} */ field) => `input_${field}_type`;

/** A fault in a field, with its envelope. */
export class FieldError extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    /** @type {Envelope} */
    this.envelope = invalid(message);
  }
}

/**
 * Makes what reads a function's input from a message. What does not depend on the message is read once, here.
 * @param {Red} RED
 * @param {RedNode} node
 * @param {{ config: NodeConfig, fields: Field[] }} options
 * @returns {(msg: Msg) => Promise<Record<string, unknown>> | Record<string, unknown>} throws FieldError
 */
export function createInputReader(RED, node, { config, fields }) {
  const set = fields.filter(field => isSet(config, field));
  /** @type {Record<string, unknown>} */
  const constants = {};
  /** @type {[Field, string, string][]} */
  const perMessage = [];
  /** @type {FieldError | undefined} */
  let fault;
  for (const field of set) {
    const type = String(config[typeOf(field.name)]);
    const text = String(config[propertyOf(field.name)] ?? '');
    if (!CONSTANT.has(type)) perMessage.push([field, type, text]);
    else {
      try {
        constants[field.name] = readConstant(RED, node, { field, type, text });
      } catch (error) {
        fault ??= new FieldError(`${node.type}: ${field.name}: ${/** @type {Error} */ (error).message}`);
      }
    }
  }
  const simple = perMessage.every(([, type]) => type === 'msg');
  return msg => {
    if (fault) throw fault;
    const input = { ...constants };
    return simple ? readNow(msg, input) : readLater(msg, input);
  };

  /**
   * @param {Msg} msg
   * @param {Record<string, unknown>} input
   */
  function readNow(msg, input) {
    for (const [{ name }, type, text] of perMessage) {
      const value = RED.util.evaluateNodeProperty(text, type, node, msg);
      if (value !== undefined) input[name] = value;
    }
    return input;
  }

  /**
   * Context stores and expressions may take their time.
   * @param {Msg} msg
   * @param {Record<string, unknown>} input
   */
  async function readLater(msg, input) {
    for (const [{ name }, type, text] of perMessage) {
      const value = await evaluate(RED, node, { type, text, msg });
      if (value !== undefined) input[name] = value;
    }
    return input;
  }
}

/**
 * @param {NodeConfig} config
 * @param {Field} field
 */
function isSet(config, { name, required, kind }) {
  const type = config[typeOf(name)];
  if (type === undefined || type === 'unset' || type === 'auto') return false;
  const text = config[propertyOf(name)];
  // An empty field that must not be empty is left out: kvflow then says what is missing.
  return text !== '' || (required && kind === 'value' && type === 'str');
}

/**
 * @param {Red} RED
 * @param {RedNode} node
 * @param {{ field: Field, type: string, text: string }} what
 * @returns {unknown}
 */
function readConstant(RED, node, { field, type, text }) {
  if (type === 'code') return text;
  const unit = UNITS.get(type);
  if (unit !== undefined) return Math.round(toNumber(text) * unit);
  if (type === 'num') return toNumber(text);
  if (type === 'env') return fromText(field, RED.util.evaluateNodeProperty(text, type, node, {}));
  return RED.util.evaluateNodeProperty(text, type, node, {});
}

/**
 * @param {string} text
 * @returns {number}
 */
function toNumber(text) {
  const number = Number(text);
  if (text.trim() === '' || Number.isNaN(number)) throw new Error(`"${text}" is not a number`);
  return number;
}

/**
 * Environment variables are text, whatever the field is.
 * @param {Field} field
 * @param {unknown} value
 * @returns {unknown}
 */
function fromText({ kind, choices }, value) {
  if (typeof value !== 'string') return value;
  if (kind === 'number' || kind === 'duration' || typeof choices?.[0] === 'number') return toNumber(value);
  if (kind === 'boolean') return value === 'true' ? true : value === 'false' ? false : value;
  return kind === 'json' ? JSON.parse(value) : value;
}

/**
 * @param {Red} RED
 * @param {RedNode} node
 * @param {{ type: string, text: string, msg: Msg }} what
 * @returns {Promise<unknown>}
 */
function evaluate(RED, node, { type, text, msg }) {
  return new Promise((resolve, reject) => {
    RED.util.evaluateNodeProperty(text, type, node, msg, (error, value) =>
      error ? reject(new FieldError(`${node.type}: ${text}: ${error.message}`)) : resolve(value),
    );
  });
}
