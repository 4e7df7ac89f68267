// data: URLs and bare base64, as clients really send them: with line breaks, url-safe, unpadded. Pure.

const BASE64 = /^[A-Za-z0-9+/_\-\s]*={0,2}\s*$/;

/** `null` where the text is no data: URL or its bytes cannot be read. */
export function parseDataUrl(url: string): { mediaType: string; bytes: Uint8Array } | null {
  const comma = url.indexOf(',');
  if (!/^data:/i.test(url) || comma < 0) return null;
  const head = url.slice('data:'.length, comma);
  const isBase64 = /;\s*base64\s*$/i.test(head);
  const bytes = isBase64 ? decodeBase64(url.slice(comma + 1)) : decodePercent(url.slice(comma + 1));
  return bytes && { mediaType: head.replace(/;\s*base64\s*$/i, ''), bytes };
}

/** `null` where the text is not base64, or is empty. */
export function decodeBase64(text: string): Uint8Array | null {
  if (!BASE64.test(text)) return null;
  const bytes = Buffer.from(text, 'base64');
  return bytes.byteLength === 0 ? null : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function decodePercent(text: string): Uint8Array | null {
  try {
    return new TextEncoder().encode(decodeURIComponent(text));
  } catch {
    return null;
  }
}
