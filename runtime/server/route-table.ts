/** Remembers which methods each route takes, to tell a wrong method from a wrong address. */
export interface RouteTable {
  /** A route as Fastify knows it, such as `/functions/:name`. */
  add(methods: string | readonly string[], pattern: string): void;
  /** Methods that an address takes, sorted; none when there is no such route. */
  methodsOf(path: string): string[];
}

/** Makes an empty table. Asked only when a request found no route, so it is kept simple. */
export function createRouteTable(): RouteTable {
  const routes: { pattern: string[]; methods: readonly string[] }[] = [];
  return {
    add: (methods, pattern) => void routes.push({ pattern: pattern.split('/'), methods: [methods].flat() }),
    methodsOf(path) {
      const parts = path.split('/');
      const found = routes.filter(route => matches(route.pattern, parts)).flatMap(route => route.methods);
      return [...new Set(found)].sort();
    },
  };
}

function matches(pattern: string[], parts: string[]): boolean {
  if (pattern.at(-1) === '*') return pattern.slice(0, -1).every((part, index) => fits(part, parts[index]));
  return pattern.length === parts.length && pattern.every((part, index) => fits(part, parts[index]));
}

function fits(pattern: string, part: string | undefined): boolean {
  return pattern.startsWith(':') ? part !== undefined && part !== '' : pattern === part;
}
