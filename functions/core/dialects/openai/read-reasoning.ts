// Reasoning on its way to the client: text and signatures as they come, sealed bytes when their block is complete. Pure.
import type { ReasoningContentBlockDelta } from '@aws-sdk/client-bedrock-runtime';
import { NOTHING, type Step } from './steps.ts';

type Block = { index: number; sealed: Uint8Array[] };

export type ReasoningReader = {
  hear(block: number, delta: ReasoningContentBlockDelta): Step[];
  stop(block: number): Step[];
  stopAll(): Step[];
};

export function createReasoningReader(): ReasoningReader {
  const blocks = new Map<number, Block>();

  function close({ index, sealed }: Block): Step[] {
    if (sealed.length === 0) return NOTHING;
    // Joined as bytes: pieces of base64 joined as text would be another thing.
    const bytes = Buffer.concat(sealed.splice(0)).toString('base64');
    return [{ kind: 'encrypted', index, bytes }];
  }

  return {
    hear(block, { text, signature, redactedContent }) {
      let open = blocks.get(block);
      if (!open) {
        open = { index: blocks.size, sealed: [] };
        blocks.set(block, open);
      }
      if (redactedContent) open.sealed.push(redactedContent);
      if (text) return [{ kind: 'reasoning', index: open.index, text }];
      return signature ? [{ kind: 'signature', index: open.index, signature }] : NOTHING;
    },
    stop(block) {
      const open = blocks.get(block);
      return open ? close(open) : NOTHING;
    },
    stopAll: () => [...blocks.values()].flatMap(close),
  };
}
