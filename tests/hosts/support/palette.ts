import type { Locator, Page } from 'playwright-core';

/** What of the editor's own objects is asked; it is there in the page alone. */
declare const RED: {
  nodes: { filterNodes(filter: object): { id: string; type: string }[] };
  workspaces: { active(): string };
  actions: { invoke(name: string): void };
};

/** How often a node is dragged again. */
const AGAIN = 3;

/**
 * Drags a node from the palette to a place of the open tab and answers its id. The palette may still move as a node is
 * taken out of it, and then lets go of it, or gives its neighbour: that is deleted and the node dragged again, as one does.
 */
export async function drag(page: Page, type: string, at: { x: number; y: number }): Promise<string> {
  const before = new Set((await nodesOf(page)).map(({ id }) => id));
  for (let again = 0; again <= AGAIN; again++) {
    await dragOnce(page, type, at);
    const dropped = (await nodesOf(page)).filter(({ id }) => !before.has(id));
    const wanted = dropped.find(node => node.type === type);
    if (wanted) return wanted.id;
    // What was dropped is what is selected.
    if (dropped.length > 0) await page.evaluate(() => RED.actions.invoke('core:delete-selection'));
  }
  throw new Error(`${type} was dropped and is not there`);
}

/** The middle of what is shown. */
export async function centre(locator: Locator): Promise<{ x: number; y: number }> {
  await locator.waitFor();
  const box = await locator.boundingBox();
  if (!box) throw new Error('not visible');
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

async function dragOnce(page: Page, type: string, at: { x: number; y: number }): Promise<void> {
  const source = await findInPalette(page, type);
  const chart = await page.locator('#red-ui-workspace-chart').boundingBox();
  await page.mouse.down();
  await page.mouse.move(source.x + 20, source.y + 5, { steps: 4 });
  await page.mouse.move((chart?.x ?? 0) + at.x, (chart?.y ?? 0) + at.y, { steps: 8 });
  await page.mouse.up();
}

/** The palette's filter answers after a moment; the pointer then rests on the node. */
async function findInPalette(page: Page, type: string): Promise<{ x: number; y: number }> {
  const search = page.locator('#red-ui-palette-search input');
  await search.fill('');
  await search.pressSequentially(type);
  const others = page.locator(`.red-ui-palette-node:not([data-palette-type*="${type}"]):visible`);
  await others.first().waitFor({ state: 'hidden' });
  const node = page.locator(`[data-palette-type="${type}"]`);
  await node.hover();
  return await centre(node);
}

function nodesOf(page: Page): Promise<{ id: string; type: string }[]> {
  return page.evaluate(() =>
    RED.nodes.filterNodes({ z: RED.workspaces.active() }).map(({ id, type }) => ({ id, type })),
  );
}
