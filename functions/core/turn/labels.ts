// What a client writes on a call for its own books, by the headers of BricksLLM: kept in the call's entry, and of no meaning here. Pure.
import type { Labels } from '../ledger/journal.ts';
import { GatewayError } from '../platform/errors.ts';

const HEADERS: [keyof Labels, string, number][] = [
  ['customId', 'x-custom-event-id', 256],
  ['metadata', 'x-metadata', 1_000],
];

/** `undefined` where nothing is written. Throws for what is too long to be kept. */
export function labelsOf(header: (name: string) => string | undefined): Labels | undefined {
  let labels: Labels | undefined;
  for (const [label, name, longest] of HEADERS) {
    const text = header(name)?.trim();
    if (!text) continue;
    if (text.length > longest) {
      throw new GatewayError('invalid_value', `${name} is longer than ${longest} characters.`, { param: name });
    }
    labels = { ...labels, [label]: text };
  }
  return labels;
}
