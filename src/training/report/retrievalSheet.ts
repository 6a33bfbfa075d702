/**
 * The nearest images of a query as one self-contained HTML page: the query large, then what was found in the order of its rank, similarity and
 * name under every picture; where true classes are known, right and wrong are framed. It needs no script.
 */
import type { FoundImage, Retrieval } from "../retrievalTable.js";
import { escape, STYLE } from "./page.js";

export interface PicturedImage extends FoundImage {
  /** As a data URL: the page has no other source of pictures. */
  readonly picture: string;
  /** In words what it shows, where that is known. */
  readonly text?: string;
}

export interface RetrievalSheet extends Omit<Retrieval, "nearest"> {
  readonly picture: string;
  readonly text?: string;
  /** Nearest first. */
  readonly nearest: readonly PicturedImage[];
}

/** Whether a text is a page of `retrievalSheet`. */
export function isRetrievalSheet(text: string): boolean {
  return text.startsWith("<!doctype html>") && text.includes("<h1>Nearest images");
}

/** Characters under a picture, of a name and of a text. */
const LONGEST = 40;
const LONGEST_TEXT = 28;

const SHEET_STYLE = `
  .query { display: flex; align-items: center; gap: 1.5rem; margin: 1.2rem 0; }
  .query img { width: 192px; height: 192px; object-fit: contain; image-rendering: pixelated; border: 1px solid #ddd; border-radius: 8px; background: #fff; }
  .query p { margin: .3rem 0; overflow-wrap: anywhere; } .query .name { font-size: 1.15rem; font-weight: 600; }
  .found { display: grid; grid-template-columns: repeat(auto-fill, minmax(124px, 1fr)); gap: 1.1rem .8rem; padding: 0; list-style: none; font-size: 12px; line-height: 1.35; }
  .found li { overflow-wrap: anywhere; }
  .found img { width: 112px; height: 112px; object-fit: contain; image-rendering: pixelated; display: block; margin-bottom: .3rem; border: 4px solid #ddd; border-radius: 6px; background: #fff; }
  .found .right img { border-color: #3ca951; } .found .wrong img { border-color: #d62728; }
  .found b { font-variant-numeric: tabular-nums; } .found span { display: block; color: #555; }
  .right .mark { color: #23752f; } .wrong .mark { color: #b3161b; } .found .mark { display: inline; }
  .skipped td { text-align: left; overflow-wrap: anywhere; }`;

/** The page. @throws Error for a picture that is no data URL */
export function retrievalSheet(sheet: RetrievalSheet): string {
  const { query, nearest, skipped } = sheet;
  for (const { image, picture } of [{ image: query, picture: sheet.picture }, ...nearest]) {
    if (picture.startsWith("data:image/")) continue;
    throw new Error(
      `retrieval sheet: a picture must be a data URL (data:image/…), for the page stands alone; that of ${image} begins with "${picture.slice(0, 20)}".`,
    );
  }
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Nearest images: ${escape(query)}</title><style>${STYLE}${SHEET_STYLE}</style></head>
<body>
<h1>Nearest images</h1>
<div class="query"><img alt="${escape(query)}" src="${escape(sheet.picture)}"><div>
<p class="name">${escape(query)}</p>${sheet.text === undefined ? "" : `\n<p>${escape(sheet.text)}</p>`}
${facts(sheet)}
</div></div>
<ol class="found">${nearest.map(tile).join("\n")}</ol>
${skipped.length > 0 ? leftOut(skipped) : ""}
</body></html>
`;
}

function facts(sheet: RetrievalSheet): string {
  const { gallery, model, dimensions, embedding, compared, ofItsClass, nearest, crop, scales } = sheet;
  const shown =
    nearest.length === compared ? `All ${count(compared)}` : `The nearest ${nearest.length} of ${count(compared)}`;
  const kept = dimensions === embedding ? `all ${embedding}` : `the first ${dimensions} of ${embedding}`;
  const sentences = [
    `${shown} of ${gallery}, by the cosine of ${kept} dimensions of the embeddings of ${model}.`,
    ...(crop
      ? [`Asked about the part of the query from (${crop[0]}, ${crop[1]}) to (${crop[2]}, ${crop[3]}), in pixels.`]
      : []),
    ...(scales ? [`Every embedding is the mean over the image at ${scales.join(", ")} times its size.`] : []),
    ...(ofItsClass === undefined ? [] : [inWords(nearest, ofItsClass)]),
  ];
  return sentences.map((sentence) => `<p class="note">${escape(sentence)}</p>`).join("\n");
}

function inWords(nearest: readonly FoundImage[], ofItsClass: number): string {
  const right = nearest.filter(({ right }) => right === true).length;
  return `Framed green: of the query's class, ${right} here, of ${ofItsClass} in the gallery. Framed red: of another class.`;
}

function tile({ rank, similarity, image, right, text, picture }: PicturedImage): string {
  const kind = right === undefined ? "" : ` class="${right ? "right" : "wrong"}"`;
  const mark = right === undefined ? "" : ` <span class="mark">${right ? "✓ right" : "✗ wrong"}</span>`;
  const words = text === undefined ? "" : `<span>${escape(beginning(text))}</span>`;
  return `<li${kind} title="${escape(text ?? image)}"><img alt="${escape(image)}" src="${escape(picture)}"><b>${rank} · ${similarity.toFixed(3)}</b>${mark}${words}<span>${escape(ending(image))}</span></li>`;
}

function leftOut(skipped: Retrieval["skipped"]): string {
  const rows = skipped.map(({ name, reason }) => `<tr><td>${escape(name)}</td><td>${escape(reason)}</td></tr>`);
  return `<h2 id="skipped">Could not be read</h2>
<table class="skipped"><tr><th>image</th><th>reason</th></tr>${rows.join("\n")}</table>`;
}

/** Of a path its end tells images apart. */
function ending(name: string): string {
  const characters = [...name];
  return characters.length > LONGEST ? `…${characters.slice(1 - LONGEST).join("")}` : name;
}

function beginning(text: string): string {
  const characters = [...text];
  return characters.length > LONGEST_TEXT ? `${characters.slice(0, LONGEST_TEXT - 1).join("")}…` : text;
}

function count(images: number): string {
  return `${images.toLocaleString("en")} image${images === 1 ? "" : "s"}`;
}
