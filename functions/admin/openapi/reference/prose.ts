// The little Markdown of the document's own words as HTML: paragraphs, headings, lists, code and weight. Pure; everything is escaped.
import { html } from 'hono/html';

type Html = ReturnType<typeof html>;

export function toProse(text: string): Html[] {
  return text.split('\n\n').map((block) => {
    const [first = '', ...lines] = block.split('\n');
    if (first.startsWith('## ')) return html`<h2>${first.slice(3)}</h2>${lines.length > 0 ? toProse(lines.join('\n')) : ''}`;
    if (first.startsWith('- ')) return html`<ul>${[first, ...lines].map((line) => html`<li>${toInline(line.slice(2))}</li>`)}</ul>`;
    return html`<p>${toInline(block)}</p>`;
  });
}

export function toInline(text: string): Html[] {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((part) => {
    if (part.startsWith('`')) return html`<code>${part.slice(1, -1)}</code>`;
    return part.startsWith('**') ? html`<strong>${part.slice(2, -2)}</strong>` : html`${part}`;
  });
}
