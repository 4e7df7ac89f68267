// Writes a generation to a client as event-stream frames, at the asked pace, and bills what was made until the client left or a fault cut it.
import type { StreamFault } from './faults.ts';
import type { Step } from './generation.ts';
import type { Reply } from './reply.ts';
import type { Bill } from './tally.ts';

export interface Pace {
  firstTokenMs: number;
  tokenMs: number;
}

export interface Writing {
  reply: Reply;
  pace: Pace;
  bill: Bill;
  fault?: StreamFault;
  /** Frames of one step; a dialect may need none or several. */
  toFrames(step: Step): Buffer[];
}

export async function writeStream(writing: Writing, steps: Iterable<Step>): Promise<void> {
  const { reply, fault } = writing;
  if (writing.pace.firstTokenMs > 0) await reply.wait(writing.pace.firstTokenMs);
  if (!fault) {
    await writeSteps(writing, steps);
    reply.end();
    return;
  }
  const all = [...steps];
  const cut = fault.isFirst ? 0 : Math.floor(all.length / 2);
  await writeSteps(writing, all.slice(0, cut));
  await breakOff(reply, fault, writing.toFrames(all[cut]!)[0] ?? Buffer.alloc(32));
}

async function writeSteps({ reply, pace, bill, toFrames }: Writing, steps: Iterable<Step>): Promise<void> {
  let written = 0;
  for (const step of steps) {
    const isPaced = pace.tokenMs > 0 && step.outputTokens > written;
    if (isPaced) await reply.wait(pace.tokenMs * (step.outputTokens - written));
    if (reply.isClosed) return;
    // Billed before it is written: whoever has read the end of a stream finds all of it in the tally.
    if (step.outputTokens > written) bill.outputTo(step.outputTokens);
    written = step.outputTokens;
    for (const frame of toFrames(step)) {
      const pressure = reply.write(frame);
      if (pressure) await pressure;
    }
  }
}

async function breakOff(reply: Reply, fault: StreamFault, next: Buffer): Promise<void> {
  if (fault.lastFrame) reply.write(fault.lastFrame);
  if (fault.transport === 'truncated') reply.write(next.subarray(0, Math.floor(next.length / 2)));
  if (fault.transport === 'bad-checksum') {
    const broken = Buffer.from(next);
    broken[broken.length - 1]! ^= 0xff;
    reply.write(broken);
  }
  // A stalled stream stays open and silent for as long as its client does.
  if (fault.transport === 'stall') return;
  if (fault.transport === 'reset') await reply.flushed().then(reply.reset);
  else reply.end();
}
