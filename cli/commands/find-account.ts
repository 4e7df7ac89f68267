// Keys, groups and users by what people call them: an id, or a name that only one of them has.
import { CommandError, EXIT, usageError } from '../failure.ts';
import type { Gateway, Query } from '../gateway/client.ts';
import type { Report } from '../terminal/report.ts';
import type { Kind } from './account-fields.ts';

export const PATHS: Record<Kind, string> = { key: '/admin/v1/keys', group: '/admin/v1/groups', user: '/admin/v1/users' };
const PREFIX: Record<Kind, string> = { key: 'key_', group: 'grp_', user: 'usr_' };
const SECRET = /^(sk|br)[-_]/;

/** The id of the one meant; throws where there is none, or more than one. */
export async function findId(gateway: Gateway, report: Report, kind: Kind, text: string): Promise<string> {
  if (SECRET.test(text)) {
    throw usageError(
      `That is a secret, and command lines are seen by others. Name the ${kind} by its id or its name.`,
      'If it was a real one, rotate it.',
    );
  }
  if (text.startsWith(PREFIX[kind])) return text;
  const items = await named(gateway, report, kind, text);
  report.clearProgress();
  const found = items.filter(({ name }) => name === text);
  if (found.length === 1) return found[0]!.id;
  if (found.length === 0) throw new CommandError('not_found', `There is no ${kind} named "${text}".`, { exitCode: EXIT.notFound });
  throw usageError(`${found.length} ${kind}s are named "${text}". Say which by its id: ${found.map(({ id }) => id).join(', ')}.`);
}

/** Any account: an id of any kind, or the name of a key. */
export async function findAccountId(gateway: Gateway, report: Report, text: string): Promise<string> {
  if (/^(key|grp|usr|group|user)_/.test(text)) return text;
  return findId(gateway, report, 'key', text);
}

/** Those that could be meant: where the gateway searches, it is asked to; an older one lists all of them. */
async function named(gateway: Gateway, report: Report, kind: Kind, text: string): Promise<{ id: string; name: string }[]> {
  const listed = async (query: Query) => {
    const onPage = (count: number) => report.progress(`Looking for "${text}" … ${count}`);
    return (await gateway.list<{ id: string; name: string }>(PATHS[kind], query, Number.POSITIVE_INFINITY, onPage)).items;
  };
  try {
    return await listed({ q: text });
  } catch (thrown) {
    const isUnknown = thrown instanceof CommandError && thrown.details.status === 400;
    if (!isUnknown) throw thrown;
    return listed({});
  }
}
