// Completion scripts: from the words that may follow each command to bash, zsh and fish. Pure.

/** The words that may come after `path`, the names of commands so far; `values`: what an option, or an argument, may be. */
export type Node = { path: string; words: { word: string; text: string }[]; values?: Record<string, readonly string[]> };

/** Keeps in `taken` (`path` is zsh's own) the words so far that name commands. */
const WALK = (paths: string) => `  local taken='' word
  for word in "\${so_far[@]}"; do
    case "\${taken:+$taken }$word" in
      ${paths}) taken="\${taken:+$taken }$word" ;;
    esac
  done`;

export function toBash(nodes: Node[]): string {
  const cases = nodes.map(({ path, words }) => `    ${quoted(path)}) words='${words.map(({ word }) => word).join(' ')}' ;;`);
  return `# Completion of outcrop for bash.
_outcrop() {
  local so_far=("\${COMP_WORDS[@]:1:COMP_CWORD-1}") words=''
${WALK(pathsOf(nodes))}
  case "$taken" in
${cases.join('\n')}
  esac
  case "$taken \${COMP_WORDS[COMP_CWORD-1]}" in
${valuesOf(nodes)
  .map(({ at, values }) => `    ${quoted(at)}) words='${values.join(' ')}' ;;`)
  .join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _outcrop outcrop
`;
}

export function toZsh(nodes: Node[]): string {
  const cases = nodes.map(({ path, words }) => {
    const told = words.map(({ word, text }) => quoted(`${word}:${text.replaceAll(':', '\\:')}`));
    return `    ${quoted(path)}) told=(${told.join(' ')}) ;;`;
  });
  return `#compdef outcrop
# Completion of outcrop for zsh.
_outcrop() {
  local -a so_far told
  so_far=("\${(@)words[2,CURRENT-1]}")
${WALK(pathsOf(nodes))}
  case "$taken" in
${cases.join('\n')}
  esac
  case "$taken \${words[CURRENT-1]}" in
${valuesOf(nodes)
  .map(({ at, values }) => `    ${quoted(at)}) told=(${values.map(quoted).join(' ')}) ;;`)
  .join('\n')}
  esac
  _describe outcrop told || _files
}
if [ "$funcstack[1]" = "_outcrop" ]; then _outcrop "$@"; else compdef _outcrop outcrop; fi
`;
}

export function toFish(nodes: Node[]): string {
  const lines = nodes.flatMap(({ path, words, values = {} }) =>
    words.map(({ word, text }) => {
      const choices = values[word] ? ` -x -a ${fishQuoted(values[word].join(' '))}` : '';
      const what = word.startsWith('--') ? `-l ${word.slice(2)}${choices}` : `-f -a ${word}`;
      return `complete -c outcrop -n 'test (__outcrop_path) = "${path}"' ${what} -d ${fishQuoted(text)}`;
    }),
  );
  const paths = nodes.filter(({ path }) => path !== '').map(({ path }) => fishQuoted(path));
  return `# Completion of outcrop for fish.
function __outcrop_path
  set -l path ''
  for word in (commandline -opc)[2..]
    set -l next (string trim "$path $word")
    contains -- $next ${paths.join(' ')}; and set path $next
  end
  echo "$path"
end
${lines.join('\n')}
`;
}

/** Where a value is wanted: after the commands so far and the option. */
function valuesOf(nodes: Node[]): { at: string; values: readonly string[] }[] {
  return nodes.flatMap(({ path, values = {} }) =>
    Object.entries(values).map(([word, choices]) => ({ at: `${path} ${word}`, values: choices })),
  );
}

function pathsOf(nodes: Node[]): string {
  return nodes
    .filter(({ path }) => path !== '')
    .map(({ path }) => quoted(path))
    .join('|');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function fishQuoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
