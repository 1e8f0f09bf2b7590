import type { Locator, Page } from 'playwright-core';
import { PATIENCE } from '../../support/patience.ts';
// @ts-expect-error It runs in the page.
import * as untyped from './dialogs-in-page.js';
import { centre, drag } from './palette.ts';

const inPage = untyped as {
  cutLabels: () => string[];
  readDialog: (type: string) => Dialog;
  readDeploy: () => string;
};

/** Node-RED's editor, used as a person uses it: by mouse and keyboard. */
export interface Editor {
  readonly page: Page;
  /** Opens an empty tab. */
  newTab(): Promise<void>;
  openTab(label: string): Promise<void>;
  /** Drags a node from the palette to a place of the workspace and answers its id. */
  drag(type: string, at: { x: number; y: number }): Promise<string>;
  /** Draws a wire between two nodes. */
  wire(from: string, to: string, output?: number): Promise<void>;
  /**
   * Opens a node's dialog, fills its fields and closes it. Typed fields are named as the function's input; a pair says
   * the type as well, by its label in the menu. Code is typed into its editor.
   */
  edit(id: string, fields: Record<string, FieldText>): Promise<void>;
  /** What a node that was just dropped, or edited, holds for a field: its type and its text. */
  fieldOf(id: string, field: string): Promise<[type: string, text: string]>;
  /** What the code editor of a node's dialog shows. */
  codeOf(id: string, field: string): Promise<string>;
  /** What a bucket field of a node's dialog offers. */
  offeredBuckets(id: string): Promise<string[]>;
  /**
   * Labels of all our dialogs that are wider than their place, as "type: label", in a form as wide as that of a node of the workspace;
   * and what the dialog of a type says below its fields.
   */
  cutLabels(id: string): Promise<string[]>;
  /** Labels of the dialog of a type, by the field, and the first words of its help. */
  dialogOf(type: string): Promise<Dialog>;
  /** Deploys and waits until the flows run. */
  deploy(): Promise<void>;
  /** Presses the button of an inject node, which is given by its id or by its name on the open tab. */
  inject(node: string): Promise<void>;
  /** What the debug sidebar shows of a debug node. */
  debug(name?: string): Locator;
  /** Unfolds a list in the debug sidebar, and what is in it. */
  expand(shown: Locator): Promise<void>;
}

/** What a dialog says. */
export interface Dialog {
  labels: Record<string, string>;
  about: string[];
  help: string;
}

/** Text of a field, or the label of its type and the text. */
export type FieldText = string | [type: string, text: string];

/** What of the editor's own objects is asked; it is there in the page alone. */
declare const RED: {
  nodes: {
    node(id: string): Record<string, string>;
    filterNodes(filter: object): { id: string; name?: string }[];
    dirty(): boolean;
  };
  workspaces: { active(): string };
  actions: { invoke(name: string): void };
};

/** Of each step; milliseconds. */
const PATIENCE_MS = 15_000 * PATIENCE;
/** How often a button is pressed again. */
const AGAIN = 3;
/** The first request loads Node-RED, beside whatever else the machine does; milliseconds. */
const LOADING_MS = 60_000 * PATIENCE;

/** Opens the editor and waits until its palette is filled. */
export async function openEditor(page: Page, url: string): Promise<Editor> {
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(url, { timeout: LOADING_MS });
  await page.waitForSelector('[data-palette-type="kv-key-put"]', { state: 'attached' });
  await page.waitForSelector('#red-ui-loading-progress', { state: 'hidden' });
  return {
    page,
    newTab: () => page.evaluate(() => RED.actions.invoke('core:add-flow')),
    openTab: label => page.locator('.red-ui-tab-label', { hasText: label }).first().click(),
    drag: (type, at) => drag(page, type, at),
    wire: (from, to, output = 0) => wire(page, [from, output], to),
    edit: (id, fields) => edit(page, id, fields),
    fieldOf: (id, field) => fieldOf(page, id, field),
    codeOf: (id, field) => codeOf(page, id, field),
    offeredBuckets: id => offeredBuckets(page, id),
    cutLabels: id => cutLabels(page, id),
    dialogOf: type => page.evaluate(inPage.readDialog, type),
    deploy: () => deploy(page),
    inject: async node => {
      const id = (await idNamed(page, node)) ?? node;
      await page.locator(`[id="${id}"] .red-ui-flow-node-button-button`).click();
    },
    debug: (name = '') =>
      page
        .locator('.red-ui-debug-msg')
        .filter({ has: page.locator('.red-ui-debug-msg-name', { hasText: name }) })
        .locator('.red-ui-debug-msg-payload'),
    expand: async shown => {
      for (const level of [0, 1]) await shown.locator('.red-ui-debug-msg-object-handle').nth(level).click();
    },
  };
}

function idNamed(page: Page, name: string): Promise<string | undefined> {
  return page.evaluate(
    text => RED.nodes.filterNodes({ z: RED.workspaces.active() }).find(node => node.name === text)?.id,
    name,
  );
}

async function wire(page: Page, [from, output]: [string, number], to: string): Promise<void> {
  const start = await centre(page.locator(`[id="${from}"] .red-ui-flow-port-output`).nth(output));
  const end = await centre(page.locator(`[id="${to}"] .red-ui-flow-port-input`));
  await page.mouse.move(start.x, start.y);
  await page.mouse.down();
  await page.mouse.move(end.x - 10, end.y, { steps: 6 });
  await page.mouse.move(end.x, end.y, { steps: 2 });
  await page.mouse.up();
}

async function edit(page: Page, id: string, fields: Record<string, FieldText>): Promise<void> {
  await openDialog(page, id);
  for (const [name, value] of Object.entries(fields)) await fill(page, name, value);
  await closeDialog(page, '#node-dialog-ok');
}

/** A busy machine may move the dialog between a press and its release, which then is no click: pressed again, as one does. */
async function closeDialog(page: Page, button: string): Promise<void> {
  const tray = page.locator('.red-ui-tray').first();
  await page.locator(button).click();
  for (let again = 0; again < AGAIN; again++) {
    const isGone = await tray.waitFor({ state: 'detached', timeout: PATIENCE_MS / AGAIN }).then(
      () => true,
      () => false,
    );
    if (isGone) return;
    await page
      .locator(button)
      .click({ timeout: PATIENCE_MS / AGAIN })
      .catch(() => undefined);
  }
  await tray.waitFor({ state: 'detached' });
}

async function openDialog(page: Page, id: string): Promise<void> {
  await page.locator(`[id="${id}"] .red-ui-flow-node`).first().dblclick();
  await page.locator('#node-dialog-ok').waitFor();
}

async function fill(page: Page, name: string, value: FieldText): Promise<void> {
  const code = page.locator(`#node-input-input_${name}-editor .monaco-editor`);
  if ((await code.count()) > 0) return await typeCode(page, code.first(), String(value));
  const plain = page.locator(`#node-input-${name}`);
  const typed = page.locator(`#node-input-input_${name} + .red-ui-typedInput-container`);
  if ((await typed.count()) === 0) {
    const isSelect = await plain.evaluate(element => 'options' in element);
    return void (await (isSelect ? plain.selectOption(String(value)) : plain.fill(String(value))));
  }
  const [type, text] = typeof value === 'string' ? [undefined, value] : value;
  if (type) await chooseType(page, typed, type);
  await typed.locator('input.red-ui-typedInput-input').fill(text);
}

/** All at once, as by pasting: what the editor proposes at each key has no say. */
async function typeCode(page: Page, editor: Locator, text: string): Promise<void> {
  await editor.locator('.view-lines').click();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.insertText(text);
}

async function chooseType(page: Page, field: Locator, label: string): Promise<void> {
  await field.locator('.red-ui-typedInput-type-select').click();
  await page.locator('.red-ui-typedInput-options:visible a', { hasText: label }).first().click();
}

function fieldOf(page: Page, id: string, field: string): Promise<[string, string]> {
  return page.evaluate(
    ([node, name]) => {
      const held = RED.nodes.node(node);
      return [held[`input_${name}_type`] ?? '', held[`input_${name}`] ?? ''];
    },
    [id, field] as const,
  );
}

async function codeOf(page: Page, id: string, field: string): Promise<string> {
  await openDialog(page, id);
  const lines = page.locator(`#node-input-input_${field}-editor .view-line`);
  await lines.first().waitFor();
  const texts = await lines.allTextContents();
  await cancelDialog(page);
  // The editor draws spaces as ones that do not break.
  return texts.join('\n').replaceAll('\u00a0', ' ');
}

async function cancelDialog(page: Page): Promise<void> {
  await closeDialog(page, '#node-dialog-cancel');
}

async function offeredBuckets(page: Page, id: string): Promise<string[]> {
  await openDialog(page, id);
  const field = page.locator('#node-input-input_bucket + .red-ui-typedInput-container input').first();
  const offered = page.locator('.red-ui-autoComplete-container:visible');
  // What is offered closes where the dialog still moves, and is asked for again, as one does.
  for (let again = 0; again <= AGAIN; again++) {
    await field.fill('');
    await field.press('ArrowDown');
    const isOffered = offered
      .first()
      .waitFor({ timeout: PATIENCE_MS / AGAIN })
      .then(() => true);
    if (await isOffered.catch(() => false)) break;
  }
  const names = await offered.allInnerTexts();
  await page.keyboard.press('Escape');
  await cancelDialog(page);
  return names.flatMap(text => text.split(/\s+/)).filter(Boolean);
}

async function cutLabels(page: Page, id: string): Promise<string[]> {
  await openDialog(page, id);
  const cut = await page.evaluate(inPage.cutLabels);
  await cancelDialog(page);
  return cut;
}

/** Fails where the editor asks first, with what it asks, and closes that: it covers the page. */
async function deploy(page: Page): Promise<void> {
  await page.locator('#red-ui-header-button-deploy').click();
  const answer = await page.waitForFunction(inPage.readDeploy);
  const said = await answer.jsonValue();
  if (said === 'deployed') return;
  await page.locator('#red-ui-notifications button', { hasText: 'Cancel' }).first().click();
  throw new Error(`the editor does not deploy: ${said}`);
}
