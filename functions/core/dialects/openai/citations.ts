// Where parts of an answer come from: web pages in OpenAI's form, everything else beside it. Pure.
import type { CitationsDelta } from '@aws-sdk/client-bedrock-runtime';

export type Annotation = {
  type: 'url_citation';
  url_citation: { url: string; title: string; start_index: number; end_index: number };
};
export type Source = { title?: string; source?: string; location?: object; cited_text?: string };

export type Cited = { block: number; citation: CitationsDelta; start: number; end: number };

export function toAnnotations(cited: Cited[]): Annotation[] {
  return cited.flatMap(({ citation, start, end }): Annotation[] => {
    const url = citation.location?.web?.url;
    if (url === undefined) return [];
    return [{ type: 'url_citation', url_citation: { url, title: citation.title ?? '', start_index: start, end_index: end } }];
  });
}

export function toSources(cited: Cited[]): Source[] {
  return cited
    .filter(({ citation }) => citation.location?.web?.url === undefined)
    .map(({ citation: { title, source, location, sourceContent } }) => {
      const text = (sourceContent ?? []).map((content) => content.text ?? '').join('');
      return {
        ...(title && { title }),
        ...(source && { source }),
        ...(location && { location }),
        ...(text !== '' && { cited_text: text }),
      };
    });
}
