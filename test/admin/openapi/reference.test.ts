// The page that shows the OpenAPI document: all of it, for anybody, and nothing a browser could be made to run.
import { beforeAll, describe, expect, test } from 'vitest';
import type { Document } from '../../../functions/admin/openapi/complete-document.ts';
import { pageOf } from '../../../functions/admin/openapi/reference/page.ts';
import { curlOf } from '../../../functions/admin/openapi/reference/samples.ts';
import { createAdmin } from '../../support/admin.ts';
import { createMemoryStore } from '../../support/memory-store.ts';
import { operationsOf, readDocument } from '../../support/openapi.ts';

const admin = createAdmin(createMemoryStore());
const visit = (path: string) => admin.app.request(`http://localhost${path}`);
let document: Document;
let page: string;
beforeAll(async () => {
  document = await readDocument(admin);
  page = await (await visit('/admin/v1/reference')).text();
});

test('it is HTML for anybody, and so is the document', async () => {
  const answer = await visit('/admin/v1/reference');
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect((await visit('/admin/v1/openapi.json')).status).toBe(200);
  expect((await visit('/admin/v1/keys')).status).toBe(401);
});

test('it shows every operation and every schema, and each link of it leads somewhere', () => {
  for (const { operation, path } of operationsOf(document)) {
    expect(page).toContain(`id="${operation.operationId}"`);
    expect(page).toContain(`</span>${path}</p>`);
  }
  for (const name of Object.keys(document.components.schemas)) expect(page).toContain(`id="schema-${name}"`);
  const ids = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
  const links = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
  expect(links.length).toBeGreaterThan(150);
  expect(links.filter((id) => !ids.has(id))).toEqual([]);
  expect(ids.size).toBe([...page.matchAll(/ id="/g)].length);
});

test('it takes scripts and styles from its own two files alone, and they are there', async () => {
  const policy = (await visit('/admin/v1/reference')).headers.get('content-security-policy')!;
  expect(policy).toMatch(/default-src 'none'.*script-src 'self'/);
  expect(policy).not.toMatch(/unsafe|https?:|\*/);
  expect(page).not.toMatch(/ style="| on\w+="|<style|javascript:/);
  expect([...page.matchAll(/<script/g)]).toHaveLength(1);
  const outside = [...page.matchAll(/(?:src|href)="([^#"]+)"/g)].map(([, path]) => path!).filter((path) => path !== 'data:,');
  expect(new Set(outside)).toEqual(new Set([`/admin/v1/reference/style.css`, `/admin/v1/reference/script.js`, '/admin/v1/openapi.json']));
  const types = await Promise.all([...new Set(outside)].map(async (path) => (await visit(path)).headers.get('content-type')));
  expect(types).toEqual(['text/css; charset=utf-8', 'text/javascript; charset=utf-8', 'application/json']);
});

describe('what is written in the document is text on the page', () => {
  const HOSTILE = '<img src=x onerror=alert(1)>"\'`&';

  test('wherever it is', async () => {
    const isProse = (name: string) => name === 'description' || name === 'summary';
    const hostile = JSON.parse(
      JSON.stringify(document, (name, value) => (isProse(name) && typeof value === 'string' ? HOSTILE : value)),
    ) as Document;
    hostile.components.schemas[HOSTILE] = { type: 'object', properties: { [HOSTILE]: { enum: [HOSTILE] } } };
    hostile.paths['/admin/v1/keys']!.get!.responses['200'] = {
      description: HOSTILE,
      content: { 'application/json': { schema: {}, example: { [HOSTILE]: HOSTILE } } },
    };
    const shown = String(await pageOf(hostile, '/reference'));
    expect(shown).not.toContain('<img');
    expect(shown).toContain('&lt;img src=x onerror=alert(1)&gt;&quot;');
  });

  test('and a command that is pasted runs nothing of it', () => {
    const media = { schema: {}, example: { name: "it's; $(reboot)" } };
    const operation = {
      operationId: 'x',
      summary: 'x',
      tags: [],
      responses: {},
      requestBody: { required: true, content: { 'application/json': media } },
    };
    expect(curlOf('POST', '/x', operation)).toContain(`"name": "it'\\''s; $(reboot)"\n}'`);
  });
});
