/** Events of one visitor, and rows as tests of the rule of docs/recognition.md write them down. */
import { withMemory } from './identify-memory.ts';

type Values = Record<string, unknown>;

/** A time, so many seconds after the others' beginning. */
export const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();

/** An event of the visitor `v`; `user` adds to what it says of its user. */
export const page = (event_id: string, user: Values = {}, more: Values = {}) => ({
  event_id,
  user: { anonymous_id: 'v', ...user },
  ...more,
});

/** kvflow with a warehouse in memory; `rows` answers whose rows are, each as `<event> <id> <email>`. */
export async function startRule() {
  const k = await withMemory();
  const rows = (...ids: string[]) =>
    ids.map(id => {
      const row = k.memory.row('events', id);
      return `${id} ${row?.user_id ?? '-'} ${row?.user_email ?? '-'}`;
    });
  return { ...k, rows };
}
