// What an operation looks like on a command line, and bodies in colours. Pure; everything is escaped.
import { html } from 'hono/html';
import type { Operation } from '../complete-document.ts';

type Html = ReturnType<typeof html>;

/** A call that can be pasted, with the address and the key of whoever pastes it. */
export function curlOf(method: string, path: string, { requestBody, parameters = [], security }: Operation, mediaType?: string): string {
  const examples = new Map(parameters.filter((one) => one.in === 'path').map(({ name, example }) => [name, String(example)]));
  const address = path.replaceAll(/{(\w+)}/g, (_, name: string) => encodeURIComponent(examples.get(name) ?? name));
  const [type, media] = Object.entries(requestBody?.content ?? {}).find(([name]) => mediaType === undefined || name === mediaType) ?? [];
  const hasEtag = parameters.some(({ name }) => name === 'if-match');
  const isRepeatable = parameters.some(({ name }) => name === 'idempotency-key');
  const body =
    typeof media?.example === 'string' ? media.example.replaceAll('\r\n', '\n').trimEnd() : JSON.stringify(media?.example, null, 2);
  const lines = [
    `curl ${method === 'GET' ? '' : `-X ${method} `}"$OUTCROP_URL${address}"`,
    ...(security?.length === 0 ? [] : ['-H "Authorization: Bearer $OUTCROP_KEY"']),
    ...(hasEtag ? [`-H 'If-Match: "7"'`] : []),
    ...(isRepeatable ? [`-H "Idempotency-Key: $(uuidgen)"`] : []),
    ...(type === undefined ? [] : [`-H "Content-Type: ${type}"`, `--data-binary '${body?.replaceAll("'", `'\\''`)}'`]),
  ];
  return lines.join(' \\\n  ');
}

export function figureOf(caption: string, body: Html | string): Html {
  return html`<figure><figcaption>${caption}<button type="button" data-copy hidden>Copy</button></figcaption><pre tabindex="0"><code>${body}</code></pre></figure>`;
}

const TOKEN = /("(?:\\.|[^"\\])*")(\s*:)?|\b(-?\d+(?:\.\d+)?|true|false|null)\b/g;

/** Names, texts and numbers each in their colour. */
export function colouredJson(value: unknown): Html {
  const text = JSON.stringify(value, null, 2);
  const parts: (Html | string)[] = [];
  let end = 0;
  for (const found of text.matchAll(TOKEN)) {
    const [whole, quoted, colon, bare] = found;
    parts.push(text.slice(end, found.index));
    if (quoted === undefined) parts.push(html`<span class="n">${bare}</span>`);
    else parts.push(html`<span class="${colon === undefined ? 's' : 'k'}">${quoted}</span>${colon ?? ''}`);
    end = found.index + whole.length;
  }
  return html`${parts}${text.slice(end)}`;
}
