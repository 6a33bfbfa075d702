/** What the project's self-contained pages share: how they look, and text that is safe in them. */

export const STYLE = `
  body { font: 15px/1.5 system-ui, sans-serif; max-width: 1320px; margin: 2rem auto; padding: 0 1rem; color: #1b1e23; background: #fff; }
  h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; border-bottom: 1px solid #ddd; }
  table { border-collapse: collapse; } th, td { padding: .25rem .7rem; text-align: right; border-bottom: 1px solid #eee; }
  th:first-child, td:first-child { text-align: left; } .differs td { background: #fff6d6; }
  .scroll { overflow-x: auto; } .figures { display: flex; flex-wrap: wrap; gap: 1rem; }
  figure { margin: 0; } figcaption { font-weight: 600; } .key { display: inline-block; width: .8em; height: .8em; border-radius: 2px; margin-right: .35em; }
  .examples { display: flex; flex-wrap: wrap; gap: 0 2.5rem; } h3 { font-size: 1rem; margin: .8rem 0 .2rem; }
  .legend span { margin-right: 1.4em; } .strip { display: flex; align-items: center; gap: .4rem; margin: .3rem 0; font-size: 12px; text-align: center; }
  .strip img { width: 56px; height: 56px; image-rendering: pixelated; border: 3px solid #bbb; background: #000; display: block; }
  .strip .right img { border-color: #3ca951; } .strip .wrong img { border-color: #d62728; } .note { color: #555; }`;

export function escape(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
