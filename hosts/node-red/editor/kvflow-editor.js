/**
 * The editor's half of every node: built from the catalogue that the generator puts in place of CATALOG.
 * Runs in the browser, inlined in nodes/kvflow.html.
 */
(catalog => {
  const CONNECTION = 'kvflow-connection';
  const MESSAGE = ['msg', 'flow', 'global', 'jsonata', 'env'];
  const UNITS = ['milliseconds', 'seconds', 'minutes', 'hours', 'days'];
  /** A new script gives its event back. */
  const START_SCRIPT = 'return $';
  const propertyOf = field => `input_${field.name}`;
  const typeOf = field => `input_${field.name}_type`;

  registerConnection();

  /** What the definition of a type has beside what stands beside its name, where catalogues of nodes look for it. */
  function definitionOf(name) {
    const entry = catalog.find(one => one.name === name);
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
        for (const field of entry.fields) prepareField(this, field, entry);
        $('#node-input-result').typedInput({ types: ['msg'], default: 'msg' });
      },
      oneditsave() {
        for (const field of entry.fields.filter(isCode)) saveCode(field);
      },
      oneditcancel() {
        for (const field of entry.fields.filter(isCode)) closeCode(field);
      },
      oneditresize() {
        for (const field of entry.fields.filter(isCode)) editors.get(field.name)?.resize();
      },
    };
  }

  function labelsOf({ otherwise }) {
    return otherwise ? [otherwise.property, otherwise.name] : ['found', 'missing'];
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
    if (!entry.trigger) Object.assign(defaults, { pick: { value: '' }, result: { value: 'payload' } });
    return defaults;
  }

  /** What a new node begins with: what must be given, and is data, comes from the message. */
  function startOf({ name, kind, required, choices }, entry) {
    if (isAutomatic(name, entry)) return ['auto', ''];
    // Of a function of events that can be given in several ways, the message is one.
    if (name === 'event') return ['msg', 'payload'];
    if (kind === 'code' && hasEvent(entry)) return ['code', required ? '' : START_SCRIPT];
    if (!required) return ['unset', ''];
    if (kind === 'value' || kind === 'json') return ['msg', 'payload'];
    if (kind === 'choice') return [typeof choices[0] === 'number' ? 'num' : 'str', String(choices[0])];
    return [kind === 'number' || kind === 'duration' ? 'num' : kind === 'code' ? 'code' : 'str', ''];
  }

  function hasEvent({ fields }) {
    return fields.some(({ name }) => name === 'event');
  }

  function validatorOf(field) {
    return function validate(value, options) {
      const element = $(`#node-input-${typeOf(field)}`);
      const type = (options && element.length > 0 && element.val()) || this[typeOf(field)];
      if (field.required && type !== 'bool' && String(value ?? '') === '' && type !== 'str') return false;
      if (field.required && ['bucket', 'text'].includes(field.kind) && value === '')
        return `${field.name} is empty`;
      if (type === 'json') return RED.utils.validateTypedProperty(value, 'json', options);
      return type !== 'num' && !UNITS.includes(type) ? true : value !== '' && !Number.isNaN(Number(value));
    };
  }

  // ---- one field

  const isCode = field => field.kind === 'code';
  const editors = new Map();

  /** Values become what a flow uses; `json` says it otherwise. */
  const isAutomatic = (name, entry) => name === 'json' && entry.automatic;

  function prepareField(node, field, entry) {
    if (isCode(field)) return prepareCode(node, field);
    const types = typesOf(field, entry);
    $(`#node-input-${propertyOf(field)}`).typedInput({
      default: startOf(field, entry)[0],
      types,
      typeField: $(`#node-input-${typeOf(field)}`),
    });
  }

  function typesOf(field, entry) {
    const own = ownTypes(field);
    const unset = { value: 'unset', label: unsetLabel(field), hasValue: false };
    const auto = { value: 'auto', label: 'automatic', hasValue: false };
    const first = isAutomatic(field.name, entry) ? [auto, unset] : field.required ? [] : [unset];
    return [...first, ...own, ...MESSAGE];
  }

  function ownTypes({ kind, choices, example }) {
    if (kind === 'bucket')
      return [{ value: 'str', label: 'bucket', icon: 'fa fa-database', autoComplete: findBuckets }];
    if (kind === 'choice') return [choiceType(choices)];
    if (kind === 'number') return ['num'];
    if (kind === 'duration') return [...UNITS.map(unitType), { ...unitType('nanoseconds'), value: 'num' }];
    if (kind === 'boolean') return ['bool'];
    if (kind === 'json') return ['json'];
    return kind === 'value'
      ? ['str', 'json']
      : [{ value: 'str', label: 'text', icon: 'red/images/typedInput/az.svg', placeholder: example }];
  }

  function choiceType(choices) {
    const options = choices.map(choice => ({ value: String(choice), label: String(choice) }));
    return { value: typeof choices[0] === 'number' ? 'num' : 'str', label: 'one of', options };
  }

  function unitType(unit) {
    return { value: unit, label: unit, icon: 'fa fa-clock-o', validate: /^\d+(\.\d+)?$/ };
  }

  function unsetLabel({ default: value }) {
    return value === undefined || value === '' ? 'not set' : `not set (${JSON.stringify(value)})`;
  }

  /** Asks the server, through the connection that is chosen in the open dialog. */
  function findBuckets(text, done) {
    const chosen = $('#node-input-connection').val();
    const connection = chosen && chosen !== '_ADD_' ? chosen : '_';
    $.getJSON(`kvflow/buckets/${encodeURIComponent(connection)}`)
      .done(({ buckets }) => done(buckets.filter(bucket => bucket.includes(text))))
      .fail(() => done([]));
  }

  // ---- code

  function prepareCode(node, field) {
    editors.set(
      field.name,
      RED.editor.createEditor({
        id: `node-input-${propertyOf(field)}-editor`,
        mode: 'ace/mode/javascript',
        value: node[propertyOf(field)] ?? '',
      }),
    );
  }

  function saveCode(field) {
    const code = editors.get(field.name).getValue();
    const isLeft = code === START_SCRIPT && namesStored();
    $(`#node-input-${propertyOf(field)}`).val(isLeft ? '' : code);
    $(`#node-input-${typeOf(field)}`).val('code');
    closeCode(field);
  }

  /** A stored script, or a chain, takes the place of the one that nobody wrote. */
  function namesStored() {
    const isGiven = name => !['unset', undefined].includes($(`#node-input-input_${name}_type`).val());
    return isGiven('script_id') || isGiven('scripts');
  }

  function closeCode(field) {
    editors.get(field.name)?.destroy();
    editors.delete(field.name);
  }

  // ---- the connection

  function registerConnection() {
    const embedded = RED.settings.kvflowConnectionEmbedded;
    RED.nodes.registerType('kvflow-connection', {
      category: 'config',
      defaults: {
        name: { value: '' },
        mode: { value: embedded ? 'embedded' : 'nats', required: true },
        servers: { value: 'nats://127.0.0.1:4222' },
        credsFile: { value: '' },
        nkeyFile: { value: '' },
        tls: { type: 'tls-config', required: false },
        domain: { value: '' },
        url: { value: 'http://127.0.0.1:4280' },
      },
      credentials: {
        user: { type: 'text' },
        password: { type: 'password' },
        token: { type: 'password' },
        apiKey: { type: 'password' },
      },
      label() {
        return this.name || { embedded: 'this kvflow', nats: this.servers, http: this.url }[this.mode];
      },
      oneditprepare() {
        const show = () => {
          const mode = $('#node-config-input-mode').val();
          $('.kvflow-mode').each((_index, row) => void $(row).toggle($(row).hasClass(`kvflow-mode-${mode}`)));
        };
        $('#node-config-input-mode').on('change', show);
        show();
      },
    });
  }
  return definitionOf;
})(CATALOG);
