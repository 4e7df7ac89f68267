// The looks of the reference page: light and dark as the reader's system says, one column on a telephone, three on a desk.

export const STYLE = `
:root { color-scheme: light dark;
  --paper: #fff; --side: #f7f7f5; --ink: #1b1f24; --soft: #59636e; --line: #e3e4e1; --accent: #0b6e4f; --chip: #eef1ef;
  --code: #16211c; --code-ink: #e4ece8; --code-line: #26352e; --key: #8fd6b5; --text: #f2c98a; --number: #9ec7ff;
  --get: #0b6e4f; --post: #1f5fbf; --put: #8a5a00; --patch: #7a3fa8; --delete: #b3261e;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  --mono: ui-monospace, SFMono-Regular, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; }
@media (prefers-color-scheme: dark) { :root {
  --paper: #12161a; --side: #171c21; --ink: #e3e8ec; --soft: #9aa6b1; --line: #2a323a; --accent: #5fd0a5; --chip: #212a30;
  --code: #0b0f12; --code-ink: #dbe5df; --code-line: #242e35;
  --get: #5fd0a5; --post: #7fb2ff; --put: #e5b45a; --patch: #cfa0f2; --delete: #ff8b82; } }
* { box-sizing: border-box; }
html { scroll-padding-top: 1.5rem; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.6 var(--sans); display: grid; grid-template-columns: 18.5rem minmax(0, 1fr); }
a { color: var(--accent); text-decoration: none; } a:hover { text-decoration: underline; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
code { font: .875em var(--mono); background: var(--chip); padding: .1em .35em; border-radius: 4px; overflow-wrap: anywhere; }
.skip { position: absolute; left: -99rem; } .skip:focus { left: 1rem; top: 1rem; background: var(--paper); padding: .5rem 1rem; z-index: 2; }
.side { position: sticky; top: 0; height: 100vh; overflow-y: auto; padding: 1.5rem 1rem 3rem 1.25rem; background: var(--side); border-right: 1px solid var(--line); font-size: .875rem; line-height: 1.4; scrollbar-width: thin; }
.side .brand { display: block; font-weight: 650; font-size: 1.0625rem; color: var(--ink); letter-spacing: -.01em; }
.side .brand small { display: block; font-weight: 400; font-size: .8125rem; color: var(--soft); }
.side input { width: 100%; margin: 1rem 0 0; padding: .45rem .6rem; border: 1px solid var(--line); border-radius: 7px; background: var(--paper); color: inherit; font: inherit; }
.side details { margin-top: .9rem; }
.side summary { cursor: pointer; font-weight: 600; padding: .15rem 0; text-transform: capitalize; }
.side ul { list-style: none; margin: .15rem 0 0; padding: 0; }
.side li a { display: grid; grid-template-columns: 3.4rem 1fr; gap: .4rem; padding: .22rem .35rem; border-radius: 6px; color: var(--soft); }
.side li a:hover, .side li a:target { background: var(--chip); color: var(--ink); text-decoration: none; }
.verb { font: 650 .6875rem/1.9 var(--mono); letter-spacing: .03em; }
.get { color: var(--get); } .post { color: var(--post); } .put { color: var(--put); } .patch { color: var(--patch); } .delete { color: var(--delete); }
main { padding: 2.5rem clamp(1rem, 4vw, 3.5rem) 6rem; max-width: 92rem; }
h1 { font-size: 2.25rem; line-height: 1.15; letter-spacing: -.025em; margin: 0 0 .75rem; }
h2 { font-size: 1.5rem; letter-spacing: -.015em; margin: 0; text-transform: capitalize; }
.intro { max-width: 46rem; } .intro h2 { font-size: 1.125rem; margin-top: 1.75rem; } .intro li { margin: .35rem 0; } .intro ul { padding-left: 1.1rem; }
section.tag { margin-top: 4rem; padding-top: 2rem; border-top: 1px solid var(--line); }
section.tag > p { color: var(--soft); margin: .35rem 0 0; max-width: 46rem; }
.call { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 30rem); gap: 1.25rem 3rem; padding: 2.5rem 0 1rem; }
.call + .call { border-top: 1px dashed var(--line); margin-top: 1.5rem; }
.call h3 { margin: 0; font-size: 1.1875rem; letter-spacing: -.01em; }
.call h3 a { color: inherit; }
.path { margin: .4rem 0 .8rem; font: 500 .875rem/1.6 var(--mono); overflow-wrap: anywhere; } .path .verb { font-size: .8125rem; margin-right: .5rem; }
.call p { margin: .5rem 0; max-width: 42rem; }
h4 .type { text-transform: none; letter-spacing: 0; }
h4 { margin: 1.5rem 0 .35rem; font-size: .75rem; font-weight: 650; letter-spacing: .06em; text-transform: uppercase; color: var(--soft); }
.fields { margin: 0; padding: 0; list-style: none; border-top: 1px solid var(--line); }
.fields > li { padding: .55rem 0; border-bottom: 1px solid var(--line); font-size: .9375rem; }
.fields .fields { margin: .5rem 0 0 .15rem; padding-left: .9rem; border-top: 0; border-left: 2px solid var(--line); }
.fields .fields > li:last-child { border-bottom: 0; padding-bottom: 0; }
.name { font: 600 .875rem var(--mono); overflow-wrap: anywhere; } .type { color: var(--soft); font-size: .8125rem; margin-left: .4rem; }
.must { color: var(--delete); font-size: .75rem; margin-left: .4rem; }
.fields p { margin: .15rem 0 0; color: var(--soft); font-size: .875rem; line-height: 1.5; }
.answers { list-style: none; margin: 0; padding: 0; } .answers li { display: grid; grid-template-columns: 3rem 1fr; padding: .25rem 0; font-size: .9375rem; }
.answers b { font: 650 .8125rem/1.9 var(--mono); } .good { color: var(--get); } .bad { color: var(--soft); }
.shown { min-width: 0; } .shown .stick { position: sticky; top: 1.5rem; }
figure { margin: 0 0 1rem; border-radius: 10px; overflow: hidden; background: var(--code); color: var(--code-ink); border: 1px solid var(--code-line); }
figcaption { display: flex; align-items: center; justify-content: space-between; padding: .4rem .6rem .4rem .9rem; font-size: .75rem; color: #9db0a6; border-bottom: 1px solid var(--code-line); min-height: 2.1rem; }
pre { margin: 0; padding: .8rem .9rem; overflow: auto; max-height: 26rem; font: .8125rem/1.55 var(--mono); tab-size: 2; scrollbar-width: thin; }
pre code { background: none; padding: 0; font: inherit; overflow-wrap: normal; }
pre .k { color: var(--key); } pre .s { color: var(--text); } pre .n { color: var(--number); }
button { font: inherit; color: inherit; background: none; border: 1px solid transparent; border-radius: 5px; padding: .1rem .5rem; cursor: pointer; } button:hover { border-color: #4a5d53; }
details.errors > summary { cursor: pointer; color: var(--soft); font-size: .875rem; padding: .25rem 0; }
.schema { padding: 1.75rem 0 0; max-width: 52rem; } .schema h3 { margin: 0; font: 600 1rem var(--mono); }
.none { display: none; }
@media (max-width: 75rem) { .call { grid-template-columns: minmax(0, 1fr); } .shown .stick { position: static; } }
@media (max-width: 52rem) {
  body { display: block; } .side { position: static; height: auto; max-height: none; border-right: 0; border-bottom: 1px solid var(--line); padding-bottom: 1.25rem; }
  main { padding-top: 1.75rem; } h1 { font-size: 1.75rem; } .side details { margin-top: .3rem; } .side summary { padding: .3rem 0; } .side li a { padding: .45rem .35rem; } }
@media print { .side { display: none; } body { display: block; } pre { max-height: none; white-space: pre-wrap; } }
`;
