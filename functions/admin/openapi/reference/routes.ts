// /admin/v1/reference: the OpenAPI document as a page. Law: it is made from the document alone, so it holds nothing that is anybody's, and
// a browser may do no more with it than show it: no scripts and styles but its own two files.
import type { Context } from 'hono';
import type { Document } from '../complete-document.ts';
import { pageOf } from './page.ts';
import { SCRIPT } from './script.ts';
import { STYLE } from './style.ts';

const POLICY = [
  "default-src 'none'",
  ...["style-src 'self'", "script-src 'self'", 'img-src data:', "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
].join('; ');
const PATH = '/admin/v1/reference';

type App = { get(path: string, handler: (c: Context) => Response | Promise<Response>): unknown };

/** `read`: the document, made when it is first asked for. */
export function addReference(app: App, read: () => Document): void {
  let page: string | undefined;
  app.get(PATH, async (c) => {
    page ??= String(await pageOf(read(), PATH));
    return answer(c, page, 'text/html');
  });
  app.get(`${PATH}/style.css`, (c) => answer(c, STYLE, 'text/css'));
  app.get(`${PATH}/script.js`, (c) => answer(c, SCRIPT, 'text/javascript'));
}

function answer(c: Context, text: string, type: string): Response {
  return c.body(text, 200, {
    'content-type': `${type}; charset=utf-8`,
    'content-security-policy': POLICY,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  });
}
