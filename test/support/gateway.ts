// The whole local gateway in this process, on a free port and a folder of its own, with the stand-in at full speed unless told otherwise.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ChatSettings, readChatSettings } from '../../functions/core/platform/environment.ts';
import { parseRelaySettings } from '../../functions/core/turn/relay-settings.ts';
import { createStandin, type Standin } from '../../local/bedrock/standin.ts';
import { serve } from '../../local/serve.ts';
import type { Settings } from '../../local/settings.ts';

export type KeyView = {
  id: string;
  secret: string;
  spent: { month: string; lifetime: string };
  held: string;
  remaining: string | null;
} & Record<string, unknown>;
export type EntryView = { requestId: string; cost: string; status: string; usage: Record<string, number> } & Record<string, unknown>;

export type Gateway = {
  url: string;
  folder: string;
  masterKey: string;
  standin: Standin;
  logs: string[];
  /** A call of the admin API with the master key; the parsed answer. */
  admin(method: string, path: string, body?: unknown): Promise<{ status: number; json: Record<string, never> }>;
  makeKey(fields?: Record<string, unknown>): Promise<KeyView>;
  readKey(id: string): Promise<KeyView>;
  journalOf(id: string): Promise<EntryView[]>;
  chat(secret: string, body: unknown, init?: RequestInit): Promise<Response>;
  /** What goes on beside the answers has ended. */
  settled(): Promise<void>;
  close(): Promise<void>;
};

/** `through` puts something between the gateway and the stand-in, and answers the address to call. */
type Options = {
  tokenMs?: number;
  through?: (standinUrl: string) => Promise<string>;
  relays?: string;
  allowsRawIds?: boolean;
  logging?: Settings['logging'];
  oidc?: Settings['oidc'];
  dynamoEndpoint?: string;
  graceMs?: number;
  older?: Settings['older'];
} & Partial<ChatSettings>;

export async function startGateway(options: Options = {}): Promise<Gateway> {
  const { tokenMs, through = async (url) => url, ...given } = options;
  const { relays = '', allowsRawIds = true, logging = 'full', oidc, dynamoEndpoint, graceMs = 0, older, ...chat } = given;
  const folder = mkdtempSync(join(tmpdir(), 'outcrop-test-'));
  const standin = createStandin({ tokenMs });
  const { url: standinUrl } = await standin.listen(0);
  const bedrockEndpoint = await through(standinUrl);
  const logs: string[] = [];
  const settings = {
    port: 0,
    host: '127.0.0.1',
    folder,
    bedrock: 'auto' as const,
    bedrockEndpoint,
    dynamoEndpoint,
    graceMs,
    masterKey: undefined,
    region: undefined,
    chat: { ...readChatSettings({}), ...chat },
    relays: parseRelaySettings(relays),
    allowsRawIds,
    controlPlane: {},
    logging,
    oidc,
    ...(older && { older }),
  };
  const served = await serve(settings, (line) => logs.push(line));
  const url = served.url.replace('localhost', '127.0.0.1');
  const masterKey = readFileSync(join(folder, 'master-key'), 'utf8').trim();

  const gateway: Gateway = {
    url,
    folder,
    masterKey,
    standin,
    logs,
    async admin(method, path, body) {
      const headers = { authorization: `Bearer ${masterKey}`, 'content-type': 'application/json' };
      const answer = await fetch(`${url}/admin/v1${path}`, {
        method,
        headers,
        body: body === undefined ? undefined : JSON.stringify(body),
      });
      const text = await answer.text();
      return { status: answer.status, json: text === '' ? {} : JSON.parse(text) };
    },
    async makeKey(fields = {}) {
      const { status, json } = await gateway.admin('POST', '/keys', { name: 'test', monthlyBudget: '100', ...fields });
      if (status !== 201) throw new Error(JSON.stringify(json));
      return json as unknown as KeyView;
    },
    readKey: async (id) => (await gateway.admin('GET', `/keys/${id}`)).json as unknown as KeyView,
    journalOf: async (id) => (await gateway.admin('GET', `/journal?keyId=${id}&limit=200`)).json.items as unknown as EntryView[],
    chat: (secret, body, init) =>
      fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
        body: typeof body === 'string' ? body : JSON.stringify(body),
        ...init,
      }),
    settled: served.settled,
    async close() {
      await served.stop(1_000);
      await standin.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return gateway;
}
