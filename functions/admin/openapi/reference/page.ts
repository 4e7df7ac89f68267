// The reference as one page of HTML, made from the OpenAPI document alone: contents, operations by tag, schemas. Pure; everything is
// escaped, and it is whole without scripts.
import { html } from 'hono/html';
import type { Document, Operation } from '../complete-document.ts';
import type { Schema } from '../schema-example.ts';
import { aboutOf, fieldsOf, typeOf } from './fields.ts';
import { toInline, toProse } from './prose.ts';
import { colouredJson, curlOf, figureOf } from './samples.ts';

type Html = ReturnType<typeof html>;
type Call = { method: string; path: string; operation: Operation };

/** `folder`: where the stylesheet and the script lie. */
export function pageOf(document: Document, folder: string): Html {
  const calls = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  );
  const tags = document.tags.map((tag) => ({
    ...tag,
    calls: calls.filter(({ operation }) => operation.tags.includes(tag.name)).toSorted(inReadingOrder),
  }));
  const schemas = Object.entries(document.components.schemas).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${document.info.title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${folder}/style.css">
<script src="${folder}/script.js" defer></script>
</head>
<body>
<a class="skip" href="#contents">Skip to the contents</a>
<nav class="side" aria-label="Operations">
<a class="brand" href="#contents">${document.info.title}<small>Reference · version ${document.info.version}</small></a>
<input id="find" type="search" placeholder="Find an operation  ( / )" aria-label="Find an operation" hidden>
${tags.map(groupOf)}
<details><summary>Schemas</summary><ul>${schemas.map(([name]) => html`<li data-words="${name.toLowerCase()} schema"><a href="#schema-${name}"><span class="verb">type</span>${name}</a></li>`)}</ul></details>
</nav>
<main id="contents">
<header class="intro"><h1>${document.info.title}</h1>${toProse(document.info.description)}
<p>This page is made from <a href="/admin/v1/openapi.json">openapi.json</a> (OpenAPI ${document.openapi}), which generates clients too.</p></header>
${tags.map((tag) => html`<section class="tag" id="tag-${tag.name}" aria-labelledby="h-${tag.name}"><h2 id="h-${tag.name}">${wordsOf(tag.name)}</h2><p>${tag.description}</p>${tag.calls.map((call) => callOf(call, document))}</section>`)}
<section class="tag" id="schemas"><h2>Schemas</h2><p>What is sent and answered, each by its name.</p>
${schemas.map(([name, schema]) => html`<article class="schema" id="schema-${name}"><h3>${name}</h3>${aboutOf(schema)}${fieldsOf(schema, document.components.schemas)}</article>`)}</section>
</main>
</body>
</html>`;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

/** Lists before what is in them, and reading before changing. */
function inReadingOrder(one: Call, other: Call): number {
  if (one.path !== other.path) return one.path < other.path ? -1 : 1;
  return METHODS.indexOf(one.method) - METHODS.indexOf(other.method);
}

function wordsOf(tag: string): string {
  return tag.replaceAll('-', ' ');
}

function groupOf({ name, calls }: { name: string; calls: Call[] }): Html {
  const items = calls.map(({ method, path, operation: { operationId, summary } }) => {
    const words = `${summary} ${path} ${method} ${operationId} ${name}`.toLowerCase();
    return html`<li data-words="${words}"><a href="#${operationId}"><span class="verb ${method}">${method.toUpperCase()}</span>${summary}</a></li>`;
  });
  return html`<details open><summary>${wordsOf(name)}</summary><ul>${items}</ul></details>`;
}

function callOf({ method, path, operation }: Call, document: Document): Html {
  const { operationId, summary, description = '', responses } = operation;
  const answers = Object.entries(responses).map(([status, answer]) => ({
    status,
    ...('$ref' in answer ? document.components.responses[answer.$ref.split('/').at(-1)!]! : answer),
  }));
  const [good = answers[0]!] = answers.filter(({ status }) => status < '300');
  const told = Object.values(good.content ?? {})[0];
  const isJson = typeof told?.example !== 'string';
  const bodies = Object.keys(operation.requestBody?.content ?? {});
  return html`<article class="call" id="${operationId}"><div>
<h3><a href="#${operationId}">${summary}</a></h3>
<p class="path"><span class="verb ${method}">${method.toUpperCase()}</span>${path}</p>
${description === '' ? '' : html`<p>${toInline(description)}</p>`}
${parametersOf(operation, document)}${bodyOf(operation, document)}
<h4>Answers</h4><ul class="answers">${answers.map(({ status, description }) => html`<li><b class="${status < '300' ? 'good' : 'bad'}">${status}</b><span>${description}${status < '300' ? shapeOf(told, document) : ''}</span></li>`)}</ul>
</div><div class="shown"><div class="stick">
${(bodies.length > 0 ? bodies : [undefined]).map((type) => figureOf(type === undefined || bodies.length === 1 ? 'curl' : `curl, ${type}`, curlOf(method.toUpperCase(), path, operation, type)))}
${told === undefined ? '' : figureOf(`Answer ${good.status}`, isJson ? colouredJson(told.example) : String(told.example))}
</div></div></article>`;
}

function shapeOf(told: { schema: Schema } | undefined, { components }: Document): Html | '' {
  if (told === undefined) return '';
  const { properties } = told.schema;
  return html` <span class="type">${typeOf(properties?.items ?? told.schema, components.schemas)}</span>`;
}

const PLACES = { path: 'Path', query: 'Query', header: 'Headers' };

function parametersOf({ parameters = [] }: Operation, { components }: Document): Html[] {
  return Object.entries(PLACES).map(([place, title]) => {
    const here = parameters.filter((one) => one.in === place);
    if (here.length === 0) return html``;
    const items = here.map(
      ({ name, required, description, schema }) =>
        html`<li><span class="name">${name}</span><span class="type">${typeOf(schema, components.schemas)}</span>${required ? html`<span class="must">required</span>` : ''}${aboutOf({ ...schema, description })}</li>`,
    );
    return html`<h4>${title}</h4><ul class="fields">${items}</ul>`;
  });
}

function bodyOf({ requestBody }: Operation, { components }: Document): Html | '' {
  const media = requestBody?.content['application/json'];
  if (!media) return '';
  return html`<h4>Body <span class="type">${typeOf(media.schema, components.schemas)}</span></h4>${fieldsOf(media.schema, components.schemas)}`;
}
