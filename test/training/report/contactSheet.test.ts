import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  contactSheet,
  shownOnSheet,
  type ContactSheet,
  type ScoredPicture,
} from "../../../src/training/report/contactSheet.js";

/** A picture that tells from which image it is. */
function scored(name: string, score: number, more: Partial<ScoredPicture> = {}): ScoredPicture {
  return { name, score, picture: `data:image/png;base64,${Buffer.from(name).toString("base64")}`, ...more };
}

function sheet(images: readonly ScoredPicture[], more: Partial<ContactSheet> = {}): string {
  return contactSheet({ title: "photos", model: "best.safetensors", images, skipped: [], ...more });
}

/** Names of the pictures under a heading, in the order of the page. */
function namesUnder(page: string, heading: string): string[] {
  const [, rest] = page.split(`<h2>${heading}</h2>`);
  const [section] = rest.split("<h2");
  return [...section.matchAll(/<img alt="([^"]*)"/g)].map(([, name]) => name);
}

describe("a contact sheet", () => {
  it("shows all pictures from best to worst, and before that the lowest from worst up", () => {
    const page = sheet([scored("b", 0.5), scored("d", -2), scored("a", 1.25), scored("c", 0)]);
    assert.deepEqual(namesUnder(page, "All, best first"), ["a", "b", "c", "d"]);
    assert.deepEqual(namesUnder(page, "The lowest"), ["d", "c", "b", "a"]);
    const many = sheet(Array.from({ length: 30 }, (_, i) => scored(`image ${i}`, i)));
    assert.deepEqual(
      namesUnder(many, "The lowest"),
      Array.from({ length: 12 }, (_, i) => `image ${i}`),
    );
  });

  it("needs no picture of an image that it does not show", () => {
    const images = Array.from({ length: 60 }, (_, i) =>
      scored(`image ${i}`, i, { picture: i < 20 || i >= 40 ? undefined : "" }),
    );
    const shown = shownOnSheet(images, 30);
    assert.deepEqual([...shown].map(({ score }) => score).sort((a, b) => a - b), [...Array(15).keys(), ...Array(15).keys()].map((k, i) => (i < 15 ? k : 45 + k))); // prettier-ignore
    const drawn = images.map((image) => ({
      ...scored(image.name, image.score),
      ...(shown.has(image) ? {} : { picture: undefined }),
    }));
    assert.equal(namesUnder(sheet(drawn, { most: 30 }), "All, best first").length, 30);
    assert.throws(() => sheet(drawn, { most: 40 }), /a picture must be a data URL/);
  });

  it("leaves images of equal score in the order given", () => {
    const page = sheet([scored("b", 1), scored("a", 1), scored("c", 2)]);
    assert.deepEqual(namesUnder(page, "All, best first"), ["c", "b", "a"]);
  });

  it("does not sort the list it was given", () => {
    const images = [scored("low", 0), scored("high", 1)];
    sheet(images);
    assert.equal(images[0].name, "low");
  });

  it("writes score and calibrated score with three digits under the picture", () => {
    const page = sheet([scored("a", 1.23456, { calibrated: 0.98765 }), scored("b", -0.5)], {
      calibration: "the share of 500 reference images that score lower",
    });
    assert.match(page, /<b>1\.235<\/b> \(0\.988\)<span>a<\/span>/);
    assert.match(page, /<b>-0\.500<\/b><span>b<\/span>/);
    assert.match(page, /In brackets: calibrated to 0 … 1: the share of 500 reference images that score lower\./);
    assert.doesNotMatch(sheet([scored("b", 1)]), /In brackets/);
  });

  it("says what a score means, and that its range is open", () => {
    assert.match(sheet([scored("a", 1)]), /how useful an image is .* Higher is better\. The range of a score is open/);
  });

  it("counts images and says highest, median and lowest score", () => {
    const three = sheet([scored("a", 3), scored("b", 1), scored("c", 1.5)]);
    assert.match(three, /3 images scored by best\.safetensors\. Highest score 3\.000, median 1\.500, lowest 1\.000\./);
    const four = sheet([scored("a", 3), scored("b", 1), scored("c", 1.5), scored("d", 2)]);
    assert.match(four, /4 images scored by .* median 1\.750/); // (1.5 + 2) / 2
    assert.match(sheet([scored("a", 3)]), /1 image scored by/);
  });

  it("draws a histogram where scores differ: a bar twice as high for twice as many images", () => {
    const [figure] = /<figure>.*<\/figure>/s.exec(sheet([scored("a", 0), scored("b", 1), scored("c", 0)])) ?? [""];
    const [low, high] = [...figure.matchAll(/<rect [^>]*height="([\d.]+)"/g)].map(([, height]) => Number(height));
    assert.ok(high > 0);
    assert.equal(low, 2 * high);
    assert.doesNotMatch(sheet([scored("a", 1), scored("b", 1)]), /<figure>/);
  });

  it("shows the best and the worst of more images than it holds, and how many are left out", () => {
    const images = Array.from({ length: 3007 }, (_, i) => scored(`image ${i}`, i));
    const page = sheet(images, { most: 5 });
    const shown = ["image 3006", "image 3005", "image 3004", "image 1", "image 0"];
    assert.deepEqual(namesUnder(page, "All, best first"), shown);
    assert.match(page, /3,002 images of 3,007 left out here: the page shows the best 3 and the worst 2\./);
    assert.equal(namesUnder(sheet(images), "All, best first").length, 2000);
    assert.doesNotMatch(sheet(images.slice(0, 5), { most: 5 }), /left out here/);
  });

  it("lists skipped images with their reasons at the end", () => {
    const skipped = [
      { name: "broken.jpg", reason: "the file ends in the middle of a scan" },
      { name: "tiny.png", reason: "8 × 8 pixels" },
    ];
    const page = sheet([scored("a", 1)], { skipped });
    assert.match(page, /1 image scored by best\.safetensors, <a href="#skipped">2 images skipped<\/a>\./);
    const [, end] = page.split('<h2 id="skipped">Skipped</h2>');
    for (const { name, reason } of skipped) assert.ok(end.includes(`<td>${name}</td><td>${reason}</td>`), name);
    assert.doesNotMatch(sheet([scored("a", 1)]), /skipped<|Skipped/);
  });

  it("is a page without pictures when nothing could be scored", () => {
    const page = sheet([], { skipped: [{ name: "broken.jpg", reason: "not an image" }] });
    assert.match(page, /0 images scored by best\.safetensors, .*1 image skipped/);
    assert.doesNotMatch(page, /<img|The lowest|All, best first|NaN|Infinity|undefined/);
  });

  it("refers to nothing outside itself and runs no script", () => {
    const page = sheet([scored("a", 1), scored("b", 2)], { skipped: [{ name: "c", reason: "d" }] });
    const namespaces = /xmlns(:\w+)?="[^"]*"/g;
    assert.doesNotMatch(page.replaceAll(namespaces, ""), /https?:|<script|<link|@import|url\((?!#)/);
    for (const [, source] of page.matchAll(/src="([^"]*)"/g)) assert.match(source, /^data:image\/png;base64,/);
  });

  it("takes every text as text", () => {
    const bad = '"><script>alert(1)</script>&';
    const images = [scored(bad, 1, { picture: `data:image/png;base64,${bad}` })];
    const more = { title: bad, model: bad, calibration: bad, skipped: [{ name: bad, reason: bad }] };
    for (const page of [sheet(images, more), sheet([scored("a", 1, { calibrated: 0.5 })], more)]) {
      assert.doesNotMatch(page, /<script/);
    }
  });

  it("shows of a long name its end, and all of it under the pointer", () => {
    const name = `${"folder/".repeat(20)}image.png`;
    const page = sheet([scored(name, 1)]);
    assert.ok(page.includes(`title="${name}"`));
    const [, shown] = /<span>([^<]*)<\/span>/.exec(page) ?? [];
    assert.match(shown, /^….*\/image\.png$/);
    assert.equal([...shown].length, 32);
  });

  it("refuses a score that is no number, and a picture from elsewhere", () => {
    assert.throws(() => sheet([scored("a.png", NaN)]), /must be a finite number, but that of a\.png is NaN/);
    assert.throws(
      () => sheet([scored("a.png", 1, { picture: "photos/a.png" })]),
      /must be a data URL .* that of a\.png begins with "photos\/a\.png"/,
    );
  });
});
