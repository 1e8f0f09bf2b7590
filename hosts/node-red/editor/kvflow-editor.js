/**
 * The editor's half of every node, made of the catalogue that the server has from the manifest. The files of this folder run in
 * the browser; npm run generate puts them together in nodes/kvflow.html.
 */
import { closeCode, prepareCode, resizeCode, saveCode } from './code.js';
import { CONNECTION, registerConnection } from './connection.js';
import { isCode, prepareTyped, propertyOf, startOf, typeOf, validatorOf } from './fields.js';
import { nodeForm } from './form.js';
import { nodeHelp } from './help.js';
import { addText, t } from './texts.js';

const catalog = RED.settings.kvflowConnectionCatalog;

registerConnection();

/** What the definition of a type has beside what stands beside its name, where catalogues of nodes look for it. */
export function kvflowNode(name) {
  const entry = catalog.find(one => one.name === name);
  addText('data-template-name', name, nodeForm(entry));
  addText('data-help-name', name, nodeHelp(entry));
  const code = entry.fields.filter(isCode);
  return {
    defaults: defaultsOf(entry),
    paletteLabel: entry.name,
    outputLabels: entry.branches ? labelsOf(entry) : undefined,
    label() {
      return this.name || entry.name;
    },
    labelStyle() {
      return this.name ? 'node_label_italic' : '';
    },
    oneditprepare() {
      for (const field of entry.fields) isCode(field) ? prepareCode(this, field) : prepareTyped(field, entry);
      $('#node-input-result').typedInput({ types: ['msg'], default: 'msg' });
      if (entry.trigger) prepareInputs();
    },
    oneditsave: () => void code.map(saveCode),
    oneditcancel: () => void code.map(closeCode),
    oneditresize: () => void code.map(resizeCode),
  };
}

function labelsOf({ otherwise }) {
  return otherwise ? [otherwise.property, t(otherwise.name)] : [t('found'), t('missing')];
}

function defaultsOf(entry) {
  const defaults = {
    name: { value: '' },
    connection: { value: '', type: CONNECTION, required: !RED.settings.kvflowConnectionEmbedded },
  };
  for (const field of entry.fields) {
    const [type, value] = startOf(field, entry);
    defaults[propertyOf(field)] = { value, validate: validatorOf(field) };
    defaults[typeOf(field)] = { value: type };
  }
  for (const setting of entry.settings) defaults[setting.name] = { value: setting.default };
  return Object.assign(
    defaults,
    entry.trigger ? { inputs: { value: 0 } } : { pick: { value: '' }, result: { value: 'payload' } },
  );
}

/** A trigger has an input where messages that come back say what was handled. */
function prepareInputs() {
  const show = () => $('#node-input-inputs').val($('#node-input-acknowledge').val() === 'returned' ? 1 : 0);
  $('#node-input-acknowledge').on('change', show);
  show();
}
