/**
 * The script of /docs, for browsers, and of the playground, whose server is another one that it asks for. Text is only ever set as text, never as markup: what the server answers may hold
 * anything that somebody stored. The key stays in this tab's memory.
 */
export const DOCS_SCRIPT = String.raw`'use strict';
const byId = id => document.getElementById(id);
let key = '';
/** Address of the server; empty: the one that the page is from. */
let server = '';

function el(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function headers() {
  return key ? { authorization: 'Bearer ' + key } : {};
}

async function getJson(path) {
  const response = await fetch(server + path, { headers: headers() });
  const body = await response.json();
  if (body.error) throw new Error(body.error.message);
  return body;
}

function showError(error) {
  byId('function').replaceChildren(el('p', { class: 'bad', role: 'alert' }, error.message));
}

async function showList() {
  const { functions } = await getJson('/functions');
  const groups = Map.groupBy(functions, fn => fn.category);
  const parts = [...groups].flatMap(([category, members]) => [
    el('h2', {}, category),
    ...members.map(fn => el('a', { href: '#' + fn.name, title: fn.title }, fn.name)),
  ]);
  byId('functions').replaceChildren(...parts);
  return functions.map(fn => fn.name);
}

function typeText(schema) {
  if ('const' in schema) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map(value => JSON.stringify(value)).join(' | ');
  const type = [schema.type || 'any'].flat().join(' | ');
  const unit = schema['x-unit'] ? ', ' + schema['x-unit'] : '';
  return type + unit;
}

function rowsOf(schema, prefix) {
  const required = schema.required || [];
  return Object.entries(schema.properties || {}).flatMap(([name, property]) => [
    el('tr', {},
      el('td', {}, el('code', {}, prefix + name)),
      el('td', {}, typeText(property)),
      el('td', {}, 'default' in property ? JSON.stringify(property.default) : required.includes(name) ? 'required' : ''),
      el('td', {}, property.description || '')),
    ...(property.items && property.items.properties
      ? rowsOf(property.items, prefix + name + '[].')
      : rowsOf(property, prefix + name + '.')),
  ]);
}

function table(schema) {
  const rows = rowsOf(schema, '');
  if (rows.length === 0) return el('p', { class: 'muted' }, 'None.');
  const head = ['name', 'type', 'default', ''].map(text => el('th', { scope: 'col' }, text));
  return el('table', {}, el('thead', {}, el('tr', {}, ...head)), el('tbody', {}, ...rows));
}

function quote(text) {
  return "'" + text.replaceAll("'", "'\\''") + "'";
}

function curlOf(name, body) {
  const auth = key ? " -H 'authorization: Bearer $KVFLOW_KEY'".replaceAll("'", '"') : '';
  return 'curl -sS ' + (server || location.origin) + '/functions/' + name + "/invocations -H 'content-type: application/json'" + auth + ' -d ' + quote(body);
}

async function run(name, body, result) {
  const started = performance.now();
  const response = await fetch(server + '/functions/' + name + '/invocations', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers() },
    body,
  });
  const envelope = await response.json();
  const took = (performance.now() - started).toFixed(0);
  result.replaceChildren(
    el('p', { class: response.ok ? 'good' : 'bad' }, response.status + ' in ' + took + ' ms'),
    el('pre', {}, JSON.stringify(envelope, null, 2)),
    el('p', { class: 'muted' }, 'x-invocation-id: ' + response.headers.get('x-invocation-id')));
}

function tryIt(fn) {
  const examples = fn.examples.length > 0 ? fn.examples : [{ title: 'Empty', input: {} }];
  const select = el('select', { 'aria-label': 'Example' });
  examples.forEach((example, index) => select.append(el('option', { value: String(index) }, example.title)));
  const input = el('textarea', { spellcheck: 'false', 'aria-label': 'Input, JSON' });
  const curl = el('pre', {});
  const given = el('div', {});
  const result = el('div', { 'aria-live': 'polite' });
  const button = el('button', { class: 'primary', type: 'button' }, 'Run');
  const refresh = () => { curl.textContent = curlOf(fn.name, input.value); };
  const choose = () => {
    const example = examples[Number(select.value)] || examples[0];
    input.value = JSON.stringify(example.input, null, 2);
    const before = (example.given || []).map(call => el('pre', {}, call.function + ' ' + JSON.stringify(call.input)));
    given.replaceChildren(...(before.length > 0 ? [el('p', { class: 'muted' }, 'This example presumes:'), ...before] : []));
    refresh();
  };
  select.addEventListener('change', choose);
  input.addEventListener('input', refresh);
  button.addEventListener('click', async () => {
    button.disabled = true;
    try {
      await run(fn.name, input.value, result);
    } catch (error) {
      result.replaceChildren(el('p', { class: 'bad', role: 'alert' }, 'No answer: ' + error.message));
    }
    button.disabled = false;
  });
  choose();
  return [el('div', { class: 'tools' }, select, button), given, input, el('h3', {}, 'curl'), curl, result];
}

function traits({ readOnly, destructive, idempotent }) {
  const words = [readOnly ? 'changes nothing' : 'changes data'];
  if (destructive) words.push('may replace or remove what was stored');
  words.push(idempotent ? 'safe to call again' : 'calling again does it again');
  return el('p', { class: 'traits' }, ...words.map(word => el('span', {}, word)));
}

async function showFunction(name, isWanted) {
  const fn = await getJson('/functions/' + encodeURIComponent(name));
  if (!isWanted()) return;
  for (const link of byId('functions').querySelectorAll('a')) {
    if (link.getAttribute('href') === '#' + name) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  byId('function').replaceChildren(
    el('h2', {}, fn.name), el('p', {}, fn.description), traits(fn.annotations),
    el('h3', {}, 'Try it'), ...tryIt(fn),
    el('h3', {}, 'Input'), table(fn.input),
    el('h3', {}, 'Output'), table(fn.output),
    el('h3', {}, 'Errors'), el('p', {}, fn.errors.concat('INVALID_INPUT', 'FORBIDDEN', 'UNAVAILABLE', 'TIMEOUT').join(', ')));
}

/** Of answers that overtake each other, what was asked for last is shown. */
let turn = 0;

async function show() {
  if (byId('server') && !server) return;
  const own = ++turn;
  try {
    const names = await showList();
    const wanted = decodeURIComponent(location.hash.slice(1));
    if (names.length === 0) throw new Error('This key may call no function.');
    // Where a newcomer begins, if this key may call it.
    const first = names.includes('kv-bucket-create') ? 'kv-bucket-create' : names[0];
    await showFunction(names.includes(wanted) ? wanted : first, () => own === turn);
  } catch (error) {
    if (own !== turn) return;
    // fetch throws nothing else where there is no server, or one that does not let this page read.
    if (server && error instanceof TypeError) showHow(['No answer from ' + server + ' that this page may read.']);
    else showError(error);
  }
}

function showHow(before) {
  byId('functions').replaceChildren();
  byId('function').replaceChildren(
    ...before.map(text => el('p', { class: 'bad', role: 'alert' }, text)),
    el('h2', {}, 'Try kvflow from here'),
    el('p', {}, 'Start one that lets pages of this address call it, then connect:'),
    el('pre', {}, 'KVFLOW_CORS_ORIGINS=' + location.origin + ' npx kvflow start'),
    el('p', { class: 'muted' }, 'What you enter goes to that server alone, and is gone with this tab.'));
}

byId('key-form').addEventListener('submit', event => {
  event.preventDefault();
  key = byId('key').value.trim();
  const asked = byId('server');
  if (asked) server = asked.value.trim().replace(/[/]+$/, '');
  show();
});
addEventListener('hashchange', show);
// Another server is asked once somebody said which.
if (byId('server')) showHow([]);
else show();
`;
