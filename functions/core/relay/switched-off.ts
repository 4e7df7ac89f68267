// What a relayed body may not ask for, because an administrator has switched it off. Bodies go as they came, so nothing is left out of them:
// whoever asks is refused. Pure.
import { asksToThink, type Feature, refuseSwitchedOff } from '../platform/features.ts';

type Fields = Record<string, unknown>;

/** Types of parts of a message, as OpenAI's APIs and those that speak like them name them. */
const PART_FEATURES: Record<string, 'vision' | 'documents'> = {
  ...{ image_url: 'vision', input_image: 'vision', image: 'vision', video_url: 'vision', input_video: 'vision' },
  ...{ file: 'documents', input_file: 'documents', document: 'documents' },
};
const TOOL_FIELDS = ['tools', 'functions'];
const THINKING_FIELDS = ['thinking', 'reasoning', 'reasoning_effort'];

export function refuseSwitchedOffFields(body: Fields, off: readonly Feature[] | undefined): void {
  if (!off || off.length === 0) return;
  for (const name of TOOL_FIELDS) if (listOf(body[name]).length > 0) refuseSwitchedOff(off, 'tools', name);
  for (const name of THINKING_FIELDS) if (asksToThink(body[name])) refuseSwitchedOff(off, 'thinking', name);
  for (const name of ['messages', 'input']) {
    for (const [at, message] of listOf(body[name]).entries()) {
      const path = `${name}[${at}]`;
      refusePart(message, off, path);
      for (const [index, part] of listOf((message as Fields | null)?.content).entries()) refusePart(part, off, `${path}.content[${index}]`);
    }
  }
}

function refusePart(part: unknown, off: readonly Feature[], path: string): void {
  const { type } = (part ?? {}) as { type?: unknown };
  const feature = typeof type === 'string' && Object.hasOwn(PART_FEATURES, type) && PART_FEATURES[type];
  if (feature) refuseSwitchedOff(off, feature, path);
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
