// Which URLs are refused by their looks, before any name is asked for, and by the addresses of their name.
import { describe, expect, test } from 'vitest';
import { createFetchMedia } from '../../../functions/core/media/fetch-media.ts';
import { refusedMedia } from './refused-media.ts';

const PARAM = 'messages[0].content[1].image_url.url';
const WANTED = { param: PARAM, maxBytes: 1_000 };

describe('a URL is refused before any name is asked for', () => {
  test.each([
    ['plain http', 'http://example.com/a.png'],
    ['a file', 'file:///etc/passwd'],
    ['data', 'data:image/png;base64,AAAA'],
    ['ftp', 'ftp://example.com/a.png'],
    ['another port', 'https://example.com:8443/a.png'],
    ['the port of http', 'https://example.com:80/a.png'],
    ['a user name', 'https://user@example.com/a.png'],
    ['a password', 'https://:secret@example.com/a.png'],
    ['a name before an address', 'https://example.com@127.0.0.1/a.png'],
    ['nonsense', 'not a url'],
    ['nothing', ''],
    ['no host', 'https:///'],
    ['endless', `https://example.com/${'a'.repeat(9000)}`],
    ['loopback', 'https://127.0.0.1/'],
    ['short loopback', 'https://127.1/'],
    ['decimal loopback', 'https://2130706433/'],
    ['octal loopback', 'https://0177.0.0.1/'],
    ['hexadecimal loopback', 'https://0x7f.0.0.1/'],
    ['hexadecimal loopback in one', 'https://0x7f000001/'],
    ['percent-encoded loopback', 'https://%31%32%37.0.0.1/'],
    ['full-width loopback', 'https://１２７.０.０.１/'],
    ['loopback with ideographic dots', 'https://127。0。0。1/'],
    ['loopback with a dot at its end', 'https://127.0.0.1./'],
    ['zero', 'https://0/'],
    ['metadata', 'https://169.254.169.254/latest/meta-data/'],
    ['decimal metadata', 'https://2852039166/'],
    ['hexadecimal metadata', 'https://0xA9FEA9FE/'],
    ['IPv6 loopback', 'https://[::1]/'],
    ['IPv6 loopback in full', 'https://[0:0:0:0:0:0:0:1]/'],
    ['mapped loopback', 'https://[::ffff:127.0.0.1]/'],
    ['mapped metadata in hexadecimal', 'https://[::ffff:a9fe:a9fe]/'],
    ['NAT64 metadata', 'https://[64:ff9b::a9fe:a9fe]/'],
    ['unique local metadata', 'https://[fd00:ec2::254]/'],
    ['link-local', 'https://[fe80::1]/'],
  ])('that is %s: %s', async (_, url) => {
    const resolved: string[] = [];
    const resolve = async (name: string) => {
      resolved.push(name);
      return ['93.184.215.14'];
    };
    const refusal = await refusedMedia(createFetchMedia({ resolve })({ url, ...WANTED }));
    expect(refusal.details.param).toBe(PARAM);
    expect(resolved).toEqual([]);
  });

  test.each([
    ['a private address', ['10.0.0.5']],
    ['a public and a private one', ['93.184.215.14', '127.0.0.1']],
    ['mapped IPv4', ['::ffff:10.0.0.5']],
    ['no address', []],
  ])('whose name leads to %s', async (_, addresses) => {
    const refusal = await refusedMedia(
      createFetchMedia({ resolve: async () => addresses })({ url: 'https://innocent.test/a.png', ...WANTED }),
    );
    expect(refusal.message).toContain('not public');
    expect(refusal.message).not.toContain('10.0.0.5');
  });
});
