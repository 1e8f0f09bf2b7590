import type { GetPromptResult, Prompt } from '@modelcontextprotocol/server';
import { invalidField } from '../../../contract/errors.ts';

/** A job that people give agents again and again, with what must be filled in. */
interface Job extends Prompt {
  text(given: Record<string, string>): string;
}

const BUCKET = { name: 'bucket', description: 'Name of the bucket', required: true };

const JOBS: Job[] = [
  {
    name: 'look-around',
    title: 'What is in a bucket',
    description:
      'Says what a bucket holds: its kinds of keys, the shape of their values, sizes, what expires.',
    arguments: [BUCKET],
    text: ({ bucket }) =>
      `Say what the bucket "${bucket}" holds. Read its figures with kv-bucket-info, then the groups of keys with kv-key-tree (or kv-key-list without values), ` +
      'and a few values of each group with kv-key-get. Answer with the kinds of keys, the shape of their values, how many there are and what expires. Change nothing.',
  },
  {
    name: 'change-safely',
    title: 'Change a value without losing a write of others',
    description: 'Reads a value, changes it, and writes it only if nobody else wrote it meanwhile.',
    arguments: [
      BUCKET,
      { name: 'key', description: 'Key of the value', required: true },
      { name: 'change', description: 'What to change, in words', required: true },
    ],
    text: ({ bucket, key, change }) =>
      `In the bucket "${bucket}", change the value of the key "${key}": ${change}. Read it with kv-key-get, and write it with kv-key-put and the revision you read as ` +
      'expected_revision. On REVISION_CONFLICT read again and decide anew. Then say what was there before and what is there now.',
  },
  {
    name: 'what-happened',
    title: 'What happened to a key',
    description: 'Tells the history of a key: who wrote what, when, and how the values differ.',
    arguments: [BUCKET, { name: 'key', description: 'Key to look at', required: true }],
    text: ({ bucket, key }) =>
      `Tell what happened to the key "${key}" of the bucket "${bucket}": read its revisions with kv-key-history, and say for each when it was written, by whom where that ` +
      'is known, and what changed. Say so if the bucket keeps one revision alone. Change nothing.',
  },
  {
    name: 'write-transform',
    title: 'Write a script that changes events',
    description: 'Writes and tries a script of transform from a description and a sample event.',
    arguments: [
      { name: 'job', description: 'What the script is to do, in words', required: true },
      { name: 'event', description: 'A sample event, as JSON', required: true },
    ],
    text: ({ job, event }) =>
      `Write a script for kvflow's transform: ${job}. It is JavaScript, run once per event with the event as $, and returns the event, several in a list, or null to drop it; ` +
      `$kv keeps state. Try it with the function transform and this event until it does what is asked: ${event}. Store nothing; answer with the script and what came out.`,
  },
];

/** What clients show, for people to choose from. */
export const PROMPTS: Prompt[] = JOBS.map(({ text: _text, ...prompt }) => prompt);

/** The message of a prompt. Throws INVALID_INPUT for a name that is none, and for an argument that is missing. */
export function getPrompt(name: string, given: Record<string, string> = {}): GetPromptResult {
  const job = JOBS.find(one => one.name === name);
  if (!job) throw invalidField('/name', `must be one of ${JOBS.map(one => one.name).join(', ')}`);
  const missing = job.arguments?.find(({ name: argument }) => !given[argument]);
  if (missing)
    throw invalidField(
      `/arguments/${missing.name}`,
      `${name} needs the argument ${missing.name}: ${missing.description}`,
    );
  const content = { type: 'text' as const, text: job.text(given) };
  return { messages: [{ role: 'user', content }], ...(job.description && { description: job.description }) };
}
