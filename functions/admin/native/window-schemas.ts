// Windows on the wire: `{ kind, limit, per }`, in and out.
import { z } from '@hono/zod-openapi';
import { windowLeft } from '../../core/ledger/left.ts';
import {
  MOST_WINDOWS,
  shapeOf,
  WINDOW_KINDS,
  WINDOW_UNITS,
  type Window,
  type WindowLimit,
  type WindowUnit,
  windowAt,
} from '../../core/ledger/windows.ts';
import { formatUsd } from '../../core/platform/money.ts';
import { quote, REQUIRED } from '../faults.ts';
import { parseAmount } from './amount.ts';

const MOST_COUNTED = 1_000_000_000_000_000;
const LONGEST_COUNT = 1_000;
const PER = new RegExp(`^([1-9]\\d{0,3})(${WINDOW_UNITS.join('|')})$`);

const must = (be: string) => ({
  error: ({ input }: { input?: unknown }) => (input === undefined ? REQUIRED : `must be ${be}; ${quote(input)} was given`),
});

const WindowSchema = z
  .strictObject(
    {
      kind: z.enum(WINDOW_KINDS, must('"requests", "tokens" or "cost"')).openapi({ description: 'What is counted.', example: 'requests' }),
      limit: z.union([z.string(), z.number()], must('a number, or for cost an amount of USD such as "12.50"')).openapi({
        description: 'How much of it. Requests and tokens are whole numbers; cost is USD.',
        example: 60,
      }),
      per: z.string(must('a length of time such as "1m"')).openapi({
        pattern: PER.source,
        description: `In how much time: a count and one of ${WINDOW_UNITS.join(', ')}. Windows are aligned to UTC.`,
        example: '5m',
      }),
    },
    must('an object'),
  )
  .transform(({ kind, limit, per }, context): WindowLimit => {
    const refuse = (path: string, message: string) => {
      context.addIssue({ code: 'custom', path: [path], message, input: path });
      return z.NEVER;
    };
    const length = PER.exec(per);
    if (!length || Number(length[1]) > LONGEST_COUNT) {
      return refuse('per', `must be a count from 1 to ${LONGEST_COUNT} and one of ${WINDOW_UNITS.join(', ')}; ${quote(per)} was given`);
    }
    const counted = kind === 'cost' ? parseAmount(limit) : parseCount(limit);
    if (typeof counted !== 'bigint') return refuse('limit', counted.fault);
    return { kind, limit: counted, count: Number(length[1]), unit: length[2] as WindowUnit };
  })
  .openapi('Window');

export const WindowsSchema = z
  .array(WindowSchema, must('a list of windows'))
  .max(MOST_WINDOWS, `must have at most ${MOST_WINDOWS} elements`)
  .refine((windows) => new Set(windows.map(shapeOf)).size === windows.length, { error: 'must not have two of one kind and length' })
  .openapi({
    description: 'How many requests, tokens or USD in how much time. All of them hold at once. Empty: no such limit.',
    example: [
      { kind: 'requests', limit: 60, per: '1m' },
      { kind: 'cost', limit: '5', per: '1d' },
    ],
  });

const amount = z.union([z.int(), z.string()]);

export const WindowViewSchema = z
  .object({
    kind: z.enum(WINDOW_KINDS),
    limit: amount.openapi({ description: 'A whole number; for cost a decimal string of USD.', example: 60 }),
    per: z.string().openapi({ example: '1m' }),
    used: amount.openapi({ description: 'In the present stretch, calls under way with all they may use.', example: 12 }),
    remaining: amount.openapi({ example: 48 }),
    resetsAt: z.string().openapi({ format: 'date-time', example: '2026-11-21T08:31:00.000Z' }),
  })
  .openapi('WindowView');

export function toWindowView(window: Window, now: number): z.infer<typeof WindowViewSchema> {
  const { kind, limit, count, unit } = window;
  const shown = (value: bigint) => (kind === 'cost' ? formatUsd(value) : Number(value));
  const { remaining, resetsInMs } = windowLeft(window, now);
  return {
    ...{ kind, limit: shown(limit), per: `${count}${unit}`, used: shown(windowAt(window, now).used), remaining: shown(remaining) },
    resetsAt: new Date(now + resetsInMs).toISOString(),
  };
}

function parseCount(given: string | number): bigint | { fault: string } {
  const count = typeof given === 'string' && /^\d{1,15}$/.test(given) ? Number(given) : given;
  if (typeof count === 'number' && Number.isInteger(count) && count >= 0 && count <= MOST_COUNTED) return BigInt(count);
  return { fault: `must be a whole number from 0 to ${MOST_COUNTED}; ${quote(given)} was given` };
}
