// A gateway with two owners who know nothing of each other, every kind of credential, and the laws that hold for whatever it is asked.
import { GatewayError } from '../../functions/core/platform/errors.ts';
import type { Store } from '../../functions/core/store/client.ts';
import { createAdmin, MASTER_KEY, NOON } from '../support/admin.ts';
import { textsOf } from '../support/conversation-world.ts';
import { outcomeOf } from '../support/gateway-parts.ts';

/** In everything that is the other owner's: nobody but those who may see all rows ever reads it. */
const MARK = 'zq7marker';
const PATIENCE_MS = 10_000;
/** Of a stack, of a file here, of an error of the language or of the database. */
const INSIDE = /\n\s+at |node_modules|\.ts:\d|file:\/\/|TypeError|RangeError|ValidationException|Cannot read|is not a function/;

export type Sent = { method: string; url: string; body?: string; headers: Record<string, string>; credential: string };
type Heard = { status: number; type: string; text: string; headers: Headers };
type World = Awaited<ReturnType<typeof createFuzzWorld>>;

export async function createFuzzWorld(store: Store) {
  const nobody = () => {
    throw new GatewayError('upstream_unreachable', 'There is no model here.');
  };
  const admin = createAdmin(store, {
    bedrock: { converse: { stream: nobody, whole: nobody }, countTokens: async () => undefined, invoke: nobody },
  });
  const make = async (path: string, body: object) => (await admin.ask('POST', path, body)).json;
  const owner = async (name: string) => {
    const group = await make('/admin/v1/groups', { name, monthlyBudget: '50' });
    const user = await make('/admin/v1/users', { name, email: `${name}@example.com` });
    const key = await make('/admin/v1/keys', {
      ...{ name, email: `${name}@example.com`, tags: [name], monthlyBudget: '10', balance: '5', groupId: group.id, userId: user.id },
    });
    for (let call = 0; call < 4; call += 1) await logCall(admin, key.id, name, call);
    return { key, ids: [key.id, group.id, user.id] };
  };
  const [mine, other, victim] = [await owner('mine'), await owner(MARK), await owner('victim')];
  const secretOf = async (role: string) => (await make('/admin/v1/keys', { name: role, role })).secret;
  const credentials: Record<string, string | undefined> = {
    master: MASTER_KEY,
    admin: await secretOf('admin'),
    auditor: await secretOf('auditor'),
    owner: mine.key.secret,
    'other owner': other.key.secret,
    garbage: 'sk-oc-garbage',
    nothing: undefined,
  };
  const conversations = await admin.ask('GET', '/admin/v1/sessions');
  const threads = await admin.ask('GET', '/admin/v1/threads');
  const rows = [...conversations.json.items, ...threads.json.items].map(({ id }) => id);
  const secrets = Object.entries(credentials).flatMap(([kind, secret]) => (secret === undefined || kind === 'garbage' ? [] : [secret]));
  return {
    ...{ admin, credentials, secrets },
    /** Whoever may change things is shown what nobody here needs any more. */
    idsFor: (credential: string) =>
      ['master', 'admin'].includes(credential) ? [...victim.ids, ...rows] : [...mine.ids, ...other.ids, ...rows],
    /** What lists said comes next; hostile cursors are made of them. */
    cursors: ['e30'] as string[],
  };
}

async function logCall(admin: ReturnType<typeof createAdmin>, keyId: string, name: string, call: number): Promise<void> {
  admin.time.now += 1_000;
  const requestId = admin.ids('req');
  const { hold } = await admin.ledger.admit({
    accountId: keyId,
    requestId,
    amount: 10n,
    tokens: 1,
    smallestAmount: 1n,
    model: name,
    target: 't',
  });
  await admin.ledger.settle(hold!, outcomeOf(7n, admin.clock()));
  const sessionId = `ses_${Buffer.from(name.padEnd(22, 'x')).toString('hex').slice(0, 22)}`;
  const thread = {
    ...{
      id: requestId,
      ownerId: keyId,
      keyId,
      sessionId,
      sessionKey: name,
      kind: 'chat' as const,
      model: name,
      target: 't',
      isStream: false,
    },
    ...{
      status: 'succeeded' as const,
      error: null,
      cost: 7n,
      isEstimated: false,
      rates: null,
      latencyMs: 1,
      firstTokenMs: null,
      warnings: [],
    },
    ...{ usage: { input: 1, output: 1, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 }, at: admin.clock(), expiresAt: NOON + 9e9 },
    ...{ prompt: `${name} ${call}`, completion: name, textsIn: null },
  };
  await admin.conversations.threads.write(thread, textsOf(name, name), '30d/');
  await admin.conversations.sessions.add(thread, name);
}

export async function send({ admin, credentials }: World, { method, url, body, headers, credential }: Sent): Promise<Heard | 'silence'> {
  const secret = credentials[credential];
  const asked = admin.app.request(url, { method, body, headers: { ...headers, ...(secret && { authorization: `Bearer ${secret}` }) } });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<'silence'>((resolve) => {
    timer = setTimeout(() => resolve('silence'), PATIENCE_MS);
  });
  const heard = await Promise.race([asked, silence]);
  clearTimeout(timer);
  if (heard === 'silence') return heard;
  return { status: heard.status, headers: heard.headers, type: heard.headers.get('content-type') ?? '', text: await heard.text() };
}

/** What is wrong with an answer, whoever asked for it and whatever it was. */
export function faultOf(world: World, { credential }: Sent, heard: Heard | 'silence'): string | undefined {
  if (heard === 'silence') return 'is never answered';
  const { status, text, headers } = heard;
  const logged = world.admin.logs.splice(0).join('\n');
  if (status >= 500) return `is answered ${status}: ${text.slice(0, 200)} ${logged.slice(0, 1500)}`;
  if (world.secrets.some((secret) => text.includes(secret) || logged.includes(secret))) return 'tells a secret';
  if (INSIDE.test(text)) return `tells of the inside: ${text.slice(0, 300)}`;
  const maySeeAll = ['master', 'admin', 'auditor', 'other owner'].includes(credential);
  if (!maySeeAll && `${text}${JSON.stringify([...headers])}`.includes(MARK)) return `shows rows of another: ${text.slice(0, 300)}`;
  return undefined;
}

export function told({ method, url, body, headers, credential }: Sent): string {
  const sent = body !== undefined && body.length > 300 ? `${body.slice(0, 300)}… (${body.length})` : body;
  return `${credential}: ${method} ${url.slice(0, 300)} ${JSON.stringify(headers).slice(0, 300)} ${sent ?? ''}`;
}

/** How many requests, and the seed that makes the same again: the same in every run of the suite, so that it is as green here as there. */
export function fuzzing(least: number): { requests: number; seed: number } {
  const requests = Number(process.env.FUZZ_REQUESTS ?? least);
  const { FUZZ_SEED: given = '20261121' } = process.env;
  const seed = given === 'random' ? Date.now() % 2 ** 31 : Number(given);
  console.info(`FUZZ_SEED=${seed} FUZZ_REQUESTS=${requests}`);
  return { requests, seed };
}
