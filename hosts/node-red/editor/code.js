/** A new script gives its event back. */
export const START_SCRIPT = 'return $';

/** Code editors of the open dialog, by their field. */
const editors = new Map();

export function prepareCode(node, { name }) {
  const property = `input_${name}`;
  editors.set(
    name,
    RED.editor.createEditor({
      id: `node-input-${property}-editor`,
      mode: 'ace/mode/javascript',
      value: node[property] ?? '',
    }),
  );
}

export function saveCode(field) {
  const code = editors.get(field.name).getValue();
  const isLeft = code === START_SCRIPT && namesStored();
  $(`#node-input-input_${field.name}`).val(isLeft ? '' : code);
  $(`#node-input-input_${field.name}_type`).val('code');
  closeCode(field);
}

export function closeCode({ name }) {
  editors.get(name)?.destroy();
  editors.delete(name);
}

export function resizeCode({ name }) {
  editors.get(name)?.resize();
}

/** A stored script, or a chain, takes the place of the one that nobody wrote. */
function namesStored() {
  const isGiven = name => !['unset', undefined].includes($(`#node-input-input_${name}_type`).val());
  return isGiven('script_id') || isGiven('scripts');
}
