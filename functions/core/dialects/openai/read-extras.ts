// Citations and pictures of an answer, collected until its end: clients overwrite what comes in pieces. Pure.
import type { CitationsDelta, ImageBlockDelta, ImageBlockStart } from '@aws-sdk/client-bedrock-runtime';
import { type Cited, toAnnotations, toSources } from './citations.ts';
import { type Image, NOTHING, type Step } from './steps.ts';

type OpenImage = { format: string; bytes: Uint8Array[] };

/** Positions are those in the text as the client gets it. */
export function createExtrasReader() {
  const cited: Cited[] = [];
  const textStarts = new Map<number, number>();
  const images = new Map<number, OpenImage>();
  return {
    startImage(block: number, { format }: ImageBlockStart): void {
      images.set(block, { format: format ?? 'png', bytes: [] });
    },
    image(block: number, { source }: ImageBlockDelta): void {
      if (source?.bytes) images.get(block)?.bytes.push(source.bytes);
    },
    textBegins(block: number, position: number): void {
      if (!textStarts.has(block)) textStarts.set(block, position);
    },
    cite(block: number, citation: CitationsDelta, position: number): void {
      cited.push({ block, citation, start: textStarts.get(block) ?? position, end: position });
    },
    stop(block: number, position: number): void {
      for (const citation of cited) if (citation.block === block) citation.end = position;
    },
    steps(): Step[] {
      const extras = { annotations: toAnnotations(cited), citations: toSources(cited), images: [...images.values()].map(toImage) };
      const isEmpty = extras.annotations.length + extras.citations.length + extras.images.length === 0;
      return isEmpty ? NOTHING : [{ kind: 'extras', ...extras }];
    },
  };
}

function toImage({ format, bytes }: OpenImage): Image {
  return { type: 'image_url', image_url: { url: `data:image/${format};base64,${Buffer.concat(bytes).toString('base64')}` } };
}

/** Only what there is. */
export function extrasOf({ annotations, citations, images }: Extract<Step, { kind: 'extras' }>): object {
  return {
    ...(annotations.length > 0 && { annotations }),
    ...(citations.length > 0 && { citations }),
    ...(images.length > 0 && { images }),
  };
}
