// What the stand-in can say, by language, and which language a text is in. Pure.

export interface Phrases {
  reply(topic: string): string;
  greeting: string;
  toolSaid(tool: string, result: string): string;
  sees(captions: string): string;
  thinks(topic: string): string;
  filler: string;
}

const english: Phrases = {
  reply: (topic) => `You asked: “${topic}”. In short, it depends on the details; tell me more about what you need and I can be precise.`,
  greeting: 'Hello! How can I help you today?',
  toolSaid: (tool, result) => `According to ${tool}: ${result}`,
  sees: (captions) => `I received ${captions}.`,
  thinks: (topic) => `The user says: “${topic}”. I should answer briefly and to the point.`,
  filler:
    'The water runs over the stones and past the old mill, where every morning somebody opens the gate and looks at the hills beyond the field.',
};

const chinese: Phrases = {
  reply: (topic) => `您问的是“${topic}”。简单来说，这取决于具体情况；请告诉我更多细节，我可以给出更准确的回答。`,
  greeting: '您好！请问有什么可以帮您？',
  toolSaid: (tool, result) => `根据 ${tool} 的结果：${result}`,
  sees: (captions) => `我收到了 ${captions}。`,
  thinks: (topic) => `用户说：“${topic}”。我应该简短而准确地回答。`,
  filler: '溪水流过石头，经过古老的磨坊，每天清晨都有人打开门，望着田野那边的山。',
};

const simple = (reply: [string, string], greeting: string, said: string, sees: string, filler: string): Phrases => ({
  reply: (topic) => `${reply[0]} “${topic}”. ${reply[1]}`,
  greeting,
  toolSaid: (tool, result) => `${said} ${tool}: ${result}`,
  sees: (captions) => `${sees} ${captions}.`,
  thinks: english.thinks,
  filler,
});

const PHRASES: Record<string, Phrases> = {
  en: english,
  zh: chinese,
  ja: simple(
    ['ご質問は', '詳しく教えていただければ、より正確にお答えできます。'],
    'こんにちは！ご用件は何でしょうか。',
    '結果',
    '受け取りました:',
    '川は石の上を流れ、古い水車の横を通り過ぎる。',
  ),
  ko: simple(
    ['질문하신 내용은', '자세히 알려 주시면 더 정확하게 답해 드리겠습니다.'],
    '안녕하세요! 무엇을 도와드릴까요?',
    '결과',
    '받았습니다:',
    '물은 돌 위를 흘러 오래된 방앗간을 지나간다.',
  ),
  ru: simple(
    ['Вы спросили:', 'Расскажите подробнее, и я отвечу точнее.'],
    'Здравствуйте! Чем могу помочь?',
    'По данным',
    'Я получил',
    'Вода бежит по камням мимо старой мельницы.',
  ),
  ar: simple(
    ['سؤالك هو', 'أخبرني بالمزيد لأجيب بدقة أكبر.'],
    'مرحبا! كيف يمكنني مساعدتك؟',
    'وفقا لـ',
    'استلمت',
    'يجري الماء فوق الحجارة قرب الطاحونة القديمة.',
  ),
  hi: simple(
    ['आपने पूछा', 'कृपया और बताइए ताकि मैं सटीक उत्तर दे सकूँ।'],
    'नमस्ते! मैं कैसे मदद कर सकता हूँ?',
    'परिणाम',
    'मुझे मिला',
    'पानी पत्थरों के ऊपर से बहता है।',
  ),
  de: simple(
    ['Sie fragen:', 'Nennen Sie mir mehr Einzelheiten, dann antworte ich genauer.'],
    'Hallo! Wie kann ich helfen?',
    'Laut',
    'Erhalten:',
    'Das Wasser läuft über die Steine an der alten Mühle vorbei.',
  ),
  fr: simple(
    ['Vous demandez :', 'Donnez-moi plus de détails et je serai plus précis.'],
    'Bonjour ! Comment puis-je vous aider ?',
    'Selon',
    'J’ai reçu',
    'L’eau coule sur les pierres et passe devant le vieux moulin.',
  ),
  es: simple(
    ['Usted pregunta:', 'Deme más detalles y le responderé con más precisión.'],
    '¡Hola! ¿En qué puedo ayudarle?',
    'Según',
    'He recibido',
    'El agua corre sobre las piedras y pasa junto al viejo molino.',
  ),
  pt: simple(
    ['Você pergunta:', 'Dê-me mais detalhes e serei mais preciso.'],
    'Olá! Como posso ajudar?',
    'Segundo',
    'Recebi',
    'A água corre sobre as pedras e passa pelo velho moinho.',
  ),
  it: simple(
    ['Lei chiede:', 'Mi dia più dettagli e sarò più preciso.'],
    'Ciao! Come posso aiutare?',
    'Secondo',
    'Ho ricevuto',
    'L’acqua scorre sulle pietre e passa davanti al vecchio mulino.',
  ),
};

const SCRIPTS: [RegExp, string][] = [
  [/[\p{Script=Hiragana}\p{Script=Katakana}]/u, 'ja'],
  [/\p{Script=Han}/u, 'zh'],
  [/\p{Script=Hangul}/u, 'ko'],
  [/\p{Script=Cyrillic}/u, 'ru'],
  [/\p{Script=Arabic}/u, 'ar'],
  [/\p{Script=Devanagari}/u, 'hi'],
];

const COMMON_WORDS: [string, string][] = [
  ['en', 'the is are what how you and of please in'],
  ['de', 'der die das ist und wie was ich nicht bitte ein hallo'],
  ['fr', 'le la les est et comment je vous une des bonjour quelle'],
  ['es', 'el los es y cómo qué una por usted hola cuál está'],
  ['pt', 'o os é e como você uma por não olá qual está'],
  ['it', 'il gli è che come una non sono ciao qual'],
];

export function phrasesFor(text: string): Phrases {
  return PHRASES[languageOf(text)] ?? english;
}

function languageOf(text: string): string {
  const script = SCRIPTS.find(([pattern]) => pattern.test(text));
  if (script) return script[1];
  const words = text.toLowerCase().match(/\p{L}+/gu) ?? [];
  let best = { language: 'en', hits: 0 };
  for (const [language, common] of COMMON_WORDS) {
    const known = common.split(' ');
    const hits = words.filter((word) => known.includes(word)).length;
    if (hits > best.hits) best = { language, hits };
  }
  return best.language;
}

export function isGreeting(text: string): boolean {
  return /^\s*(?:hi|hello|hey|hallo|bonjour|hola|olá|ciao|你好|您好|こんにちは|안녕하세요|привет|здравствуйте|مرحبا|नमस्ते)[\s!.,！。？?]*$/iu.test(
    text,
  );
}
