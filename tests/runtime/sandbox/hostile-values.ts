/**
 * Hostile scripts that are made, one for each way a script comes by a value it did not make itself: of the engine, of a
 * global, of what kvflow gives it, of an error that one of these throws. Each walks to everything that can be reached from its
 * value, tries what looks as if it made code, and looks for objects of another realm.
 */

/** What a script evaluates to come by its value; where that throws, the value is what was thrown. */
export const VALUES: Record<string, string> = {
  'the event': '$',
  'the variables': 'settings.deep.list',
  'the arguments of the script': 'arguments',
  'this of the script': 'this',
  'the global object': 'globalThis',
  'its context': '$context',
  'its headers': '[$context.header, $context.header("a")]',
  'its secrets': '$secrets',
  'the store': '$kv',
  'a read of the store': '[$kv.get("k")]',
  'a value of the store': 'await $kv.set("k", { a: [1, { b: 2 }] }), await $kv.get("k")',
  'a write to the store': '[$kv.set("w", 1)]',
  'a counter of the store': '[$kv.incr("n")]',
  'what update hands on':
    'await new Promise(done => $kv.update("u", (...given) => { done(given); return 1 }))',
  'what update throws': '$kv.update("u", () => { throw new Error("x") })',
  'an error of the store': '$kv.set("", 1)',
  'an error of a counter': 'await $kv.set("text", "x"), await $kv.incr("text")',
  'an error of a ttl': '$kv.set("k", 1, { ttl: { valueOf() { throw new RangeError("x") } } })',
  'a key that is an object': '$kv.get({ toString: () => "k", [Symbol.toPrimitive]: (...given) => given })',
  'the console': 'console',
  'what the console calls':
    'await new Promise(done => { console.log("%o", { get a() { done(this) }, toJSON: done }); done(console.dir) })',
  'a timer': '[setTimeout(() => 1, 1), setTimeout, clearTimeout, Object(setTimeout(() => 1, 1))]',
  'this of a timer': 'await new Promise(done => setTimeout(function () { done([this, arguments]) }, 1))',
  'an interval':
    'await new Promise(done => { const id = setInterval(function () { clearInterval(id); done(this) }, 1) })',
  'an immediate': 'await new Promise(done => setImmediate(function () { done([this, arguments]) }))',
  'a microtask': 'await new Promise(done => queueMicrotask(function () { done([this, arguments]) }))',
  'a thenable that is awaited':
    'await new Promise(done => Promise.resolve({ then(...given) { done(given) } }))',
  'an awaited rejection': 'await Promise.reject(new AggregateError([new Error("x", { cause: 1 })]))',
  'what allSettled answers': 'await Promise.allSettled([$kv.get("k"), $kv.set("", 1)])',
  'a race with the store': 'await Promise.race([$kv.set("", 1), new Promise(() => {})])',
  'a promise with resolvers': 'Promise.withResolvers()',
  'an async iteration': 'await Array.fromAsync((async function* () { yield $kv.get("k") })())',
  'an async generator': '(async function* () { yield arguments })()',
  'a generator': '(function* () { yield arguments })().next()',
  'an iterator helper': 'Iterator.from({ next: () => ({ value: $kv, done: true }) }).map(x => x)',
  'what is disposed of': 'new AsyncDisposableStack()',
  'the places of a template': '((...given) => given)`a\\u0062`',
  'a match of a text': '[..."aXb".matchAll(/(?<name>X)/dg)]',
  'a regular expression of another':
    'new (class extends RegExp { static get [Symbol.species]() { return Array } })("x")[Symbol.split]("axb")',
  'a collator': 'new Intl.Collator("de").compare',
  'a date that is written': 'new Intl.DateTimeFormat("de").formatToParts(new Date())',
  'a weak reference': 'new WeakRef($kv).deref()',
  'a registry of the collector': 'new FinalizationRegistry(() => 1)',
  'a shared wait': '[Atomics, Atomics.waitAsync(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)]',
  'raw JSON': 'JSON.rawJSON("1")',
  'what a reviver is given':
    'await new Promise(done => JSON.parse("[1.0]", function (...given) { done([this, given]) }))',
  'what a replacer is given':
    'await new Promise(done => JSON.stringify({ a: $kv }, function (...given) { done([this, given]) }))',
  'an error of JSON': 'JSON.parse("{")',
  'an error of a pattern': 'new RegExp("(")',
  'an error of a size': 'new Array(-1)',
  'an error of the stack': '(function f() { f() })()',
  'an error of the stack within the store':
    'await (async function f() { try { return await f() } catch (e) { return [e, $kv.get("k")] } })()',
  'an error of nothing': 'null.x',
  'an error of a constant': '(() => { "use strict"; Object.freeze([]).push(1) })()',
  'an error of a URI': 'decodeURIComponent("%")',
  'an error of a number': 'BigInt(1.5)',
  'an error of a symbol': '"" + Symbol("x")',
  'an error that makes its stack':
    '(() => { const old = Error.prepareStackTrace; try { let seen; Error.prepareStackTrace = (...given) => { seen = given }; new Error("x").stack; return seen } finally { Error.prepareStackTrace = old } })()',
  'an error that captures':
    '(() => { const o = {}; Error.captureStackTrace(o, () => 1); return [o, o.stack] })()',
  'a buffer': 'Buffer.from("abc")',
  'a piece of a buffer': 'Buffer.from("abc").subarray(1).buffer',
  'an error of a buffer': 'Buffer.alloc(-1)',
  'a hash': 'require("crypto").createHash("sha256").update("x")',
  'an error of a hash': 'require("crypto").createHash("none")',
  'a module': 'require("util")',
  'the inspection of a value':
    'await new Promise(done => { require("util").inspect({ [Symbol.for("nodejs.util.inspect.custom")]: (...given) => done(given) }); done(require("util").inspect) })',
  'a promise of util': 'require("util").promisify((...given) => given.pop()(null, given))()',
  'an emitter':
    'await new Promise(done => { const E = require("events"); const e = new E(); e.on("x", function (...given) { done([this, given]) }); e.emit("x", e) })',
  'what assert throws': 'require("assert").strictEqual(1, 2)',
  'an error of require': 'require("fs")',
  'an error of a library': 'import("none")',
  'a URL': 'new URL("https://example.com/?a=b").searchParams',
  'an error of a URL': 'new URL("none")',
  headers: 'new Headers({ a: "b" }).entries()',
  'a signal': 'AbortSignal.timeout(1)',
  'a signal that ended': '(() => { const c = new AbortController(); c.abort(); return c.signal.reason })()',
  'a decoder': 'new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array([255]))',
  'an encoder': 'new TextEncoder().encode("x").constructor',
  base64: 'atob("*")',
  'a clone': 'structuredClone(new Map([[{ a: 1 }, new Set([new Date()])]]))',
  'an error of a clone': 'structuredClone(() => 1)',
  'the clock': 'performance',
  'random bytes': 'crypto.getRandomValues(new Uint8Array(4))',
  'subtle cryptography': 'crypto.subtle',
  'a fetch': 'fetch("https://example.com")',
  'a proxy of the store': '[new Proxy($kv, { get: (...given) => given })]',
  'a proxy that tells its target':
    'await new Promise(done => { const p = new Proxy($kv.get, { apply: (...given) => { done(given) } }); p("k"); done(p) })',
  'a revoked proxy':
    '(() => { const { proxy, revoke } = Proxy.revocable($kv, {}); revoke(); return proxy.get })()',
  'a class of a function of ours': 'new (class extends $kv.get { })("k")',
  'a bound function of ours': 'Reflect.construct(console.log, [], setTimeout)',
  'a function made of text': 'Function("return this")()',
  'an async function made of text': '(async () => 1).constructor("return this")()',
  'an indirect eval': '(0, eval)("this")',
  'an instant': 'Temporal.Now.instant()',
  'a shadow realm': 'new ShadowRealm().evaluate("globalThis")',
};

/** A script that walks from a value; answers `{ escaped: false, walked }`. */
export function walkFrom(value: string): string {
  return `${WALK}
let value;
try { value = await (${value}) } catch (thrown) { value = thrown }
const found = walk([value, (() => { try { return value?.then } catch {} })()]);
return { escaped: found.escaped ?? false, walked: found.walked };`;
}

const WALK = `const MAX = 1500;
const CODE = 'return typeof process === "object" && process && process.pid ? "process " + process.pid : typeof require === "function" ? "require" : undefined';
const isThing = x => (typeof x === 'object' && x !== null) || typeof x === 'function';
const attempt = f => { try { return f() } catch (thrown) { return thrown } };
const tryCode = f => {
  const made = attempt(() => f(CODE));
  const came = typeof made === 'function' ? attempt(() => made()) : undefined;
  return typeof came === 'string' && /^(process|require)/.test(came) ? came : undefined;
};
const { get, getPrototypeOf, getOwnPropertyDescriptor, ownKeys } = Reflect;
const home = Object.prototype;
const walk = roots => {
  const seen = new Set();
  const todo = roots.filter(isThing);
  const add = x => { if (isThing(x) && !seen.has(x)) todo.push(x) };
  while (todo.length > 0 && seen.size < MAX) {
    const at = todo.shift();
    if (seen.has(at)) continue;
    seen.add(at);
    const name = attempt(() => String(at.name).slice(0, 40));
    if (typeof at === 'function' && /Function$|^eval$|^compile|^binding$|^runIn|^Script$|^require$/.test(name)) {
      const came = tryCode(at) ?? tryCode((...given) => new at(...given));
      if (came) return { escaped: name + ' makes code of the host: ' + came, walked: seen.size };
    }
    if (attempt(() => typeof at.pid === 'number' && typeof at.kill === 'function') === true)
      return { escaped: 'the process itself', walked: seen.size };
    const proto = attempt(() => getPrototypeOf(at));
    // Another realm has an Object.prototype of its own.
    if (proto === null && at !== home && attempt(() => Object.hasOwn(at, 'hasOwnProperty') && Object.hasOwn(at, 'constructor')) === true)
      return { escaped: 'an Object.prototype of another realm', walked: seen.size };
    add(proto);
    for (const key of ['constructor', '__proto__', 'caller', 'callee', 'arguments', 'then', 'stack'])
      add(attempt(() => at[key]));
    const keys = attempt(() => ownKeys(at));
    for (const key of Array.isArray(keys) ? keys.slice(0, 200) : []) {
      const slot = attempt(() => getOwnPropertyDescriptor(at, key));
      if (slot) { add(slot.get); add(slot.set); add(slot.value) }
      if (slot?.get) add(attempt(() => get(at, key)));
    }
  }
  return { walked: seen.size };
};`;
