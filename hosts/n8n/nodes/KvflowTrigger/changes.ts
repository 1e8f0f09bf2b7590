import type { IDataObject, IPollFunctions } from 'n8n-workflow';
import { dataOf, invoke } from '../shared/invoke';

const WATCH = 'kv-key-watch';
const PAGE = 1_000;
/** A poll that found more than this goes on at the next one. */
const PAGES = 10;

interface Answer {
  events: IDataObject[];
  next: number;
}

/**
 * What changed since the last poll, without a gap or a repetition: the place is kept with the workflow. The first poll
 * only notes where "now" is.
 */
export async function nextChanges(node: IPollFunctions, range: IDataObject): Promise<IDataObject[]> {
  const place = node.getWorkflowStaticData('node');
  const of = JSON.stringify(range);
  if (place.of !== of) {
    const { next } = await watch(node, { ...range, start: 'new' });
    Object.assign(place, { of, next });
    return [];
  }
  const changes: IDataObject[] = [];
  for (let page = 0; page < PAGES; page++) {
    const { events, next } = await watch(node, { ...range, after: place.next });
    changes.push(...events);
    place.next = next;
    if (events.length < PAGE) break;
  }
  return changes;
}

/** A key as it is now, to build a workflow with. */
export async function sampleChanges(node: IPollFunctions, range: IDataObject): Promise<IDataObject[]> {
  const { events } = await watch(node, { ...range, start: 'current', limit: 1 });
  return events;
}

async function watch(node: IPollFunctions, input: IDataObject): Promise<Answer> {
  const envelope = await invoke(node, WATCH, { limit: PAGE, wait_ms: 0, ...input });
  return dataOf(node, envelope) as unknown as Answer;
}
