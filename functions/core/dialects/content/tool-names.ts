// Tool names as Bedrock takes them, and back. Each name is changed by itself alone, so the order and number of tools change nothing. Pure.
import { createHash } from 'node:crypto';

export type ToolNames = {
  toModel(name: string): string;
  /** The client's own name again; a name the client never used is returned as it is. */
  toClient(name: string): string;
};

const LEGAL = /^[a-zA-Z0-9_-]{1,64}$/;
const KEPT_CHARACTERS = 55;

export function isLegalToolName(name: string): boolean {
  return LEGAL.test(name);
}

export function createToolNames(): ToolNames {
  const originals = new Map<string, string>();
  return {
    toModel(name) {
      if (LEGAL.test(name)) return name;
      const legal = `${name.replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, KEPT_CHARACTERS)}_${hashOf(name)}`;
      originals.set(legal, name);
      return legal;
    },
    toClient(name) {
      // gpt-oss appends the channel it speaks on: "search<|channel|>commentary".
      const marker = name.indexOf('<|');
      const plain = marker > 0 ? name.slice(0, marker) : name;
      return originals.get(plain) ?? plain;
    },
  };
}

function hashOf(name: string): string {
  return createHash('sha1').update(name).digest('hex').slice(0, 8);
}
