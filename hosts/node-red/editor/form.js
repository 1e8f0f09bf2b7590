import { escapeHtml, firstSentence, t } from './texts.js';

/** Beside labels of 130 pixels; typedInput reads it off the element. */
const WIDTH = 'width: calc(100% - 140px)';

/** The dialog of a node's type: its fields, each with what it means below it. */
export function nodeForm(entry) {
  const rows = [
    row(
      { id: 'name', label: 'Name', icon: 'tag' },
      `<input type="text" id="node-input-name" style="${WIDTH}">`,
    ),
    row(
      { id: 'connection', label: 'Connection', icon: 'plug' },
      `<input type="text" id="node-input-connection" style="${WIDTH}">`,
    ),
    ...entry.fields.map(fieldRow),
    ...entry.settings.map(settingRow),
    ...(entry.trigger ? ['<input type="hidden" id="node-input-inputs">'] : resultRows(entry)),
  ];
  return `<div class="kvflow-form">${rows.join('\n')}</div>`;
}

function fieldRow(field) {
  const id = `input_${field.name}`;
  const type = `<input type="hidden" id="node-input-${id}_type">`;
  const what = { id, label: field.label, about: field.about };
  if (field.kind !== 'code')
    return row(what, `<input type="text" id="node-input-${id}" style="${WIDTH}">${type}`);
  const editor = `<div class="node-text-editor" style="height: 260px" id="node-input-${id}-editor"></div>`;
  return row(what, `<input type="hidden" id="node-input-${id}">${type}${editor}`);
}

function settingRow({ name, label, about, kind, choices = [] }) {
  const options = choices.map(
    choice => `<option value="${choice.value}">${escapeHtml(t(choice.label))}</option>`,
  );
  const input =
    kind === 'choice'
      ? `<select id="node-input-${name}" style="${WIDTH}">${options.join('')}</select>`
      : `<input type="${kind}" id="node-input-${name}" style="${WIDTH}">`;
  return row({ id: name, label, about }, input);
}

function resultRows({ results }) {
  const options = [
    `<option value="">${escapeHtml(t('the whole answer'))}</option>`,
    ...results.map(({ name }) => `<option>${name}</option>`),
  ];
  const pick = `<select id="node-input-pick" style="${WIDTH}">${options.join('')}</select>`;
  return [
    row({ id: 'pick', label: 'Send', icon: 'reply', about: 'What of the answer goes on.' }, pick),
    row(
      { id: 'result', label: 'as', about: 'Property of the message that it is put in.' },
      `<input type="text" id="node-input-result" style="${WIDTH}">`,
    ),
  ];
}

function row({ id, label, about, icon }, input) {
  const mark = icon ? `<i class="fa fa-${icon}"></i> ` : '';
  const whole = about ? t(about) : '';
  const shown =
    whole &&
    `<div class="kvflow-about" title="${escapeHtml(whole)}">${escapeHtml(firstSentence(whole))}</div>`;
  return `<div class="form-row"><label for="node-input-${id}">${mark}${escapeHtml(t(label))}</label> ${input}${shown}</div>`;
}
