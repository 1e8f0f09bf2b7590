import { START_SCRIPT } from './code.js';
import { t } from './texts.js';

const MESSAGE = ['msg', 'flow', 'global', 'jsonata', 'env'];
const UNITS = ['milliseconds', 'seconds', 'minutes', 'hours', 'days'];

export const isCode = field => field.kind === 'code';
export const propertyOf = field => `input_${field.name}`;
export const typeOf = field => `input_${field.name}_type`;

/** What a new node begins with: what must be given, and is data, comes from the message. */
export function startOf({ name, kind, required, choices }, entry) {
  if (isAutomatic(name, entry)) return ['auto', ''];
  // Of a function of events that can be given in several ways, the message is one.
  if (name === 'event') return ['msg', 'payload'];
  if (kind === 'code' && hasEvent(entry)) return ['code', required ? '' : START_SCRIPT];
  if (!required) return ['unset', ''];
  if (kind === 'value' || kind === 'json') return ['msg', 'payload'];
  if (kind === 'choice') return [typeof choices[0] === 'number' ? 'num' : 'str', String(choices[0])];
  return [kind === 'number' || kind === 'duration' ? 'num' : kind === 'code' ? 'code' : 'str', ''];
}

export function validatorOf(field) {
  return function validate(value, options) {
    const element = $(`#node-input-${typeOf(field)}`);
    const type = (options && element.length > 0 && element.val()) || this[typeOf(field)];
    if (field.required && type !== 'bool' && String(value ?? '') === '' && type !== 'str') return false;
    if (field.required && ['bucket', 'text'].includes(field.kind) && value === '')
      return `${t(field.label)}: ${t('may not be empty')}`;
    if (type === 'json') return RED.utils.validateTypedProperty(value, 'json', options);
    return type !== 'num' && !UNITS.includes(type) ? true : value !== '' && !Number.isNaN(Number(value));
  };
}

export function prepareTyped(field, entry) {
  $(`#node-input-${propertyOf(field)}`).typedInput({
    default: startOf(field, entry)[0],
    types: typesOf(field, entry),
    typeField: $(`#node-input-${typeOf(field)}`),
  });
}

/** Values become what a flow uses; `json` says it otherwise. */
const isAutomatic = (name, entry) => name === 'json' && entry.automatic;

function hasEvent({ fields }) {
  return fields.some(({ name }) => name === 'event');
}

function typesOf(field, entry) {
  const own = ownTypes(field);
  const unset = { value: 'unset', label: unsetLabel(field), hasValue: false };
  const auto = { value: 'auto', label: t('automatic'), hasValue: false };
  const first = isAutomatic(field.name, entry) ? [auto, unset] : field.required ? [] : [unset];
  return [...first, ...own, ...MESSAGE];
}

function ownTypes({ kind, choices, example }) {
  if (kind === 'bucket')
    return [{ value: 'str', label: t('bucket'), icon: 'fa fa-database', autoComplete: findBuckets }];
  if (kind === 'choice') return [choiceType(choices)];
  if (kind === 'number') return ['num'];
  if (kind === 'duration') return [...UNITS.map(unitType), { ...unitType('nanoseconds'), value: 'num' }];
  if (kind === 'boolean') return ['bool'];
  if (kind === 'json') return ['json'];
  return kind === 'value'
    ? ['str', 'json']
    : [{ value: 'str', label: t('text'), icon: 'red/images/typedInput/az.svg', placeholder: example }];
}

function choiceType(choices) {
  const options = choices.map(choice => ({ value: String(choice), label: String(choice) }));
  return { value: typeof choices[0] === 'number' ? 'num' : 'str', label: t('one of'), options };
}

function unitType(unit) {
  return { value: unit, label: t(unit), icon: 'fa fa-clock-o', validate: /^\d+(\.\d+)?$/ };
}

function unsetLabel({ default: value }) {
  const unset = t('not set');
  return value === undefined || value === '' ? unset : `${unset} (${JSON.stringify(value)})`;
}

/** Asks the server, through the connection that is chosen in the open dialog. */
function findBuckets(text, done) {
  const chosen = $('#node-input-connection').val();
  const connection = chosen && chosen !== '_ADD_' ? chosen : '_';
  $.getJSON(`kvflow/buckets/${encodeURIComponent(connection)}`)
    .done(({ buckets }) => done(buckets.filter(bucket => bucket.includes(text))))
    .fail(() => done([]));
}
