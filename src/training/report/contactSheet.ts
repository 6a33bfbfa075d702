/**
 * Scored images as one self-contained HTML page: the lowest in a strip, how the scores are spread, then every picture, best first, with its
 * score under it; at the end what could not be scored, and why.
 *
 * It needs no script. Of very many images the best and the worst are shown, so that a browser still opens the page; how many are left
 * out between them is said.
 */
import type { SkippedImage } from "../imageSource.js";
import { RANGE_NOTE } from "../scoreTable.js";
import { escape, STYLE } from "./page.js";
import { scoreHistogram } from "./scoreHistogram.js";

export interface ScoredPicture {
  readonly name: string;
  /** Raw, finite. */
  readonly score: number;
  /** In [0, 1]. */
  readonly calibrated?: number;
  /** A small one, as a data URL: the page has no other source of pictures. Of images that are not shown (`shownOnSheet`) it may be left out. */
  readonly picture?: string;
}

export interface ContactSheet {
  /** What was scored: a folder, a set. */
  readonly title: string;
  /** What scored it. */
  readonly model: string;
  /** In any order. */
  readonly images: readonly ScoredPicture[];
  readonly skipped: readonly SkippedImage[];
  /** In words, what a calibrated score means. */
  readonly calibration?: string;
  /** Pictures on the page; of more images the best and the worst halves of that number are shown. */
  readonly most?: number;
}

/** Whether a text is a page of `contactSheet`. */
export function isContactSheet(text: string): boolean {
  return text.startsWith("<!doctype html>") && text.includes("<h1>Image quality");
}

/** Pictures on the page where not told otherwise: those of 5 kB make a page of 13 MB. */
const MOST = 2000;

/** The images whose pictures the page shows: all, or the best and the worst halves of `most`. */
export function shownOnSheet<Image extends { readonly score: number }>(
  images: readonly Image[],
  most = MOST,
): Set<Image> {
  const sorted = bestFirst(images);
  if (sorted.length <= most) return new Set(sorted);
  const lowest = Math.max(Math.floor(most / 2), LOWEST);
  return new Set([...sorted.slice(0, Math.ceil(most / 2)), ...sorted.slice(-lowest)]);
}

/** Equal scores stay in the order given. */
function bestFirst<Image extends { readonly score: number }>(images: readonly Image[]): Image[] {
  return [...images].sort((a, b) => b.score - a.score);
}

/** Of the strip at the top. */
const LOWEST = 12;

/** Characters of a name under a picture. */
const LONGEST = 32;

const SHEET_STYLE = `
  .sheet { display: flex; flex-wrap: wrap; gap: .7rem .5rem; font-size: 12px; line-height: 1.3; }
  .sheet div { width: 96px; text-align: center; overflow-wrap: anywhere; content-visibility: auto; contain-intrinsic-size: 96px 150px; }
  .sheet img { width: 96px; height: 96px; object-fit: contain; background: #eee; display: block; margin-bottom: .2rem; }
  .sheet span { display: block; color: #555; }
  .sheet .left-out { width: 100%; text-align: left; font-size: 15px; } figure svg { max-width: 100%; height: auto; }
  .skipped td { text-align: left; overflow-wrap: anywhere; }`;

/** The page. @throws Error for a score that is not finite, and a picture that is not a data URL */
export function contactSheet({ title, model, images, skipped, calibration, most = MOST }: ContactSheet): string {
  const shown = shownOnSheet(images, most);
  for (const image of images) check(image, shown.has(image));
  const sorted = bestFirst(images);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Image quality: ${escape(title)}</title><style>${STYLE}${SHEET_STYLE}</style></head>
<body>
<h1>Image quality · ${escape(title)}</h1>
${facts(sorted, { model, skipped })}
${meaning(images, calibration)}
${sorted.length > 0 ? pictures(sorted, most) : ""}
${skipped.length > 0 ? leftUnscored(skipped) : ""}
</body></html>
`;
}

function check({ name, score, picture = "" }: ScoredPicture, shown: boolean): void {
  if (!Number.isFinite(score)) {
    throw new Error(`contact sheet: a score must be a finite number, but that of ${name} is ${score}.`);
  }
  if (shown && !picture.startsWith("data:image/")) {
    throw new Error(
      `contact sheet: a picture must be a data URL (data:image/…), for the page stands alone; that of ${name} begins with "${picture.slice(0, 20)}".`,
    );
  }
}

function facts(sorted: readonly ScoredPicture[], { model, skipped }: Pick<ContactSheet, "model" | "skipped">): string {
  const counts = `${count(sorted.length, "image")} scored by ${escape(model)}`;
  const left = skipped.length > 0 ? `, <a href="#skipped">${count(skipped.length, "image")} skipped</a>` : "";
  if (sorted.length === 0) return `<p>${counts}${left}.</p>`;
  const [best, worst] = [sorted[0], sorted[sorted.length - 1]];
  const [middle, below] = [Math.floor((sorted.length - 1) / 2), Math.floor(sorted.length / 2)];
  const median = (sorted[middle].score + sorted[below].score) / 2;
  return `<p>${counts}${left}. Highest score ${digits(best.score)}, median ${digits(median)}, lowest ${digits(worst.score)}.</p>`;
}

/** What a score is, and what the number beside it. */
function meaning(images: readonly ScoredPicture[], calibration: string | undefined): string {
  const sentences = [
    "A score says how useful an image is for recognising what it shows, as the model learned it (CR-FIQA).",
    RANGE_NOTE,
    ...(images.some(({ calibrated }) => calibrated !== undefined)
      ? [`In brackets: calibrated to 0 … 1${calibration === undefined ? "" : `: ${calibration}`}.`]
      : []),
  ];
  return `<p class="note">${escape(sentences.join(" "))}</p>`;
}

function pictures(sorted: readonly ScoredPicture[], most: number): string {
  const lowest = sorted.slice(-LOWEST).reverse();
  const histogram = scoreHistogram(sorted);
  const spread = histogram === undefined ? "" : `<h2>How the scores are spread</h2>\n<figure>${histogram}</figure>`;
  return `<h2>The lowest</h2>
<div class="sheet">${lowest.map(tile).join("\n")}</div>
${spread}
<h2>All, best first</h2>
<p class="note"><a href="#worst">To the worst</a></p>
<div class="sheet">${allOrHalves(sorted, most)}</div>
<p class="note" id="worst">The worst are the last ones above.</p>`;
}

/** All of them, or the best and the worst halves of `most` with a sentence between. */
function allOrHalves(sorted: readonly ScoredPicture[], most: number): string {
  if (sorted.length <= most) return sorted.map(tile).join("\n");
  const [head, tail] = [Math.ceil(most / 2), Math.floor(most / 2)];
  const leftOut = `<div class="left-out note">${count(sorted.length - head - tail, "image")} of ${number(sorted.length)} left out here: the page shows the best ${number(head)} and the worst ${number(tail)}.</div>`;
  return [...sorted.slice(0, head).map(tile), leftOut, ...sorted.slice(sorted.length - tail).map(tile)].join("\n");
}

function tile({ name, score, calibrated, picture = "" }: ScoredPicture): string {
  const beside = calibrated === undefined ? "" : ` (${digits(calibrated)})`;
  return `<div title="${escape(name)}"><img alt="${escape(name)}" loading="lazy" decoding="async" src="${escape(picture)}"><b>${digits(score)}</b>${beside}<span>${escape(ending(name))}</span></div>`;
}

/** Of a path its end tells images apart; the whole name is what the browser shows under the pointer. */
function ending(name: string): string {
  const characters = [...name];
  return characters.length > LONGEST ? `…${characters.slice(1 - LONGEST).join("")}` : name;
}

function leftUnscored(skipped: readonly SkippedImage[]): string {
  const rows = skipped.map(({ name, reason }) => `<tr><td>${escape(name)}</td><td>${escape(reason)}</td></tr>`);
  return `<h2 id="skipped">Skipped</h2>
<table class="skipped"><tr><th>image</th><th>reason</th></tr>${rows.join("\n")}</table>`;
}

function digits(value: number): string {
  return value.toFixed(3);
}

function number(value: number): string {
  return value.toLocaleString("en");
}

function count(many: number, what: string): string {
  return `${number(many)} ${what}${many === 1 ? "" : "s"}`;
}
