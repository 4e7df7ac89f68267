// The pages that are measured, one of each kind.
import type { Seeded } from './lists-seed.ts';

type Page = { name: string; method: string; path: string; body?: object };

const MONTH = 'from=2026-11-01&to=2026-11-20';

export function pagesOf({ key, group, requestId }: Seeded): Page[] {
  const get = (name: string, path: string): Page => ({ name, method: 'GET', path });
  return [
    get('keys', '/admin/v1/keys'),
    get('keys by name', '/admin/v1/keys?sort=name'),
    get('keys, rare word', '/admin/v1/keys?q=needle'),
    get('keys, common word', '/admin/v1/keys?q=key'),
    get('keys by tag', '/admin/v1/keys?tag=few'),
    get('keys of a group', `/admin/v1/keys?groupId=${group}`),
    get('keys, none revoked', '/admin/v1/keys?status=revoked'),
    get('connector keys', '/admin/api-key/list'),
    get('connector keys, offset 80', '/admin/api-key/list?offset=80'),
    get('connector keys, rare q', '/admin/api-key/list?q=eedle'),
    get('connector keys, common q', '/admin/api-key/list?q=e'),
    get('connector keys by fee', '/admin/api-key/list?orderBy=total-1'),
    get('connector statistics', '/admin/statistics/total'),
    get('convertor keys', '/api/keys'),
    get('convertor keys, rare search', '/api/keys?search=needle'),
    get('convertor dashboard', '/api/dashboard/stats'),
    get('BricksLLM keys by tag', '/api/key-management/keys?tag=few'),
    { name: 'BricksLLM keys by name', method: 'POST', path: '/api/v2/key-management/keys', body: { name: 'needle', returnCount: true } },
    get('journal', '/admin/v1/journal'),
    get('journal of a key', `/admin/v1/journal?keyId=${key}`),
    get('journal of a group', `/admin/v1/journal?groupId=${group}`),
    get('journal, no such tag', '/admin/v1/journal?tag=nobody'),
    get('journal, one request', `/admin/v1/journal?requestId=${requestId}`),
    get('statement by day', `/admin/v1/statements?${MONTH}`),
    get('statement of each key', `/admin/v1/statements?${MONTH}&groupBy=key`),
    get('statement of a key by model', `/admin/v1/statements?${MONTH}&keyId=${key}&groupBy=model`),
    get('forecast', '/admin/v1/statements/forecast'),
    get('threads', '/admin/v1/threads'),
    get('threads, no such text', '/admin/v1/threads?q=nothing'),
    get('connector threads', '/admin/thread/list'),
  ];
}
