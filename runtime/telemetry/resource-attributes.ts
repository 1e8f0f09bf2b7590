/** Environment variables by name. */
export type Env = Readonly<Record<string, string | undefined>>;

/** Who sends: `OTEL_SERVICE_NAME` (kvflow), our version, and `OTEL_RESOURCE_ATTRIBUTES`. */
export function resourceAttributes(env: Env, version: string): Record<string, string> {
  return {
    'service.name': env.OTEL_SERVICE_NAME || 'kvflow',
    'service.version': version,
    ...attributesOf(env.OTEL_RESOURCE_ATTRIBUTES),
  };
}

/** `a=1,b=two`, percent-encoded. */
function attributesOf(text = ''): Record<string, string> {
  const pairs = text.split(',').flatMap(pair => {
    const [name = '', value] = pair.split('=');
    return value === undefined ? [] : [[name.trim(), decoded(value.trim())]];
  });
  return Object.fromEntries(pairs);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
