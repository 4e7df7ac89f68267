// Changes a few members of a JSON object and leaves every other byte as it came: numbers keep their digits, unknown fields their form. Pure.
import { GatewayError } from '../platform/errors.ts';

type Span = { name: string; from: number; to: number };

const STRUCTURE = /["{}[\],:]/g;

/** `text` must be a JSON object that parses. A member that is there gets the new value in its place, others are added at the end. */
export function withMembers(text: string, members: Record<string, unknown>): string {
  const spans = spansOf(text);
  let changed = '';
  let copied = 0;
  for (const { name, from, to } of spans) {
    if (!Object.hasOwn(members, name)) continue;
    changed += text.slice(copied, from) + JSON.stringify(members[name]);
    copied = to;
  }
  const added = Object.entries(members).filter(([name]) => !spans.some((span) => span.name === name));
  const end = text.lastIndexOf('}');
  const tail = added.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',');
  const comma = spans.length > 0 && tail !== '' ? ',' : '';
  return `${changed}${text.slice(copied, end)}${comma}${tail}${text.slice(end)}`;
}

/** A member twice would be read one way here and perhaps another way upstream, so it is refused. */
export function expectUniqueMembers(text: string): void {
  const names = new Set<string>();
  for (const { name } of spansOf(text)) {
    if (names.has(name)) throw new GatewayError('invalid_json', `The body has ${JSON.stringify(name.slice(0, 40))} twice.`);
    names.add(name);
  }
}

/** Where the values of the outermost members begin and end. */
function spansOf(text: string): Span[] {
  const spans: Span[] = [];
  let depth = 0;
  let name: string | undefined;
  let from = 0;
  STRUCTURE.lastIndex = 0;
  for (let found = STRUCTURE.exec(text); found; found = STRUCTURE.exec(text)) {
    const at = found.index;
    const sign = found[0];
    const isOutermost = depth === 1;
    if (sign === '"') {
      const end = endOfString(text, at);
      if (isOutermost) name ??= JSON.parse(text.slice(at, end)) as string;
      STRUCTURE.lastIndex = end;
    } else if (sign === ':' && isOutermost) {
      from = at + 1;
    } else if (sign === '{' || sign === '[') {
      depth += 1;
    } else if (sign !== ':') {
      if (isOutermost && name !== undefined) spans.push({ name, from, to: at });
      if (isOutermost) name = undefined;
      if (sign !== ',') depth -= 1;
    }
  }
  return spans;
}

function endOfString(text: string, from: number): number {
  for (let at = text.indexOf('"', from + 1); ; at = text.indexOf('"', at + 1)) {
    let escapes = 0;
    while (text[at - 1 - escapes] === '\\') escapes += 1;
    if (escapes % 2 === 0) return at + 1;
  }
}
