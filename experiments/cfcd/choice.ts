/** How the settings were chosen: what was tried on the held-out classes, for the page. */
export const CHOICE = `On every third of the 151 held-out classes of Omniglot's training part (51 characters, 1,020 images), seed 101, before the test parts were touched (\`--held-out\` repeats it): the learning rate of every head, among the same three, with 400 steps. R@1 / mAP in percent; the rate with the highest mAP was taken.

| head | 0.05 | 0.15 | 0.45 |
| --- | --- | --- | --- |
| MadaCos, the paper's constants | **77.4 / 55.3** | 69.5 / 48.0 | 71.6 / 50.9 |
| MadaCos, s ≥ 8 | 81.6 / 60.8 | **80.7 / 61.5** | 80.0 / 58.1 |
| MadaCos, α = 0.1 | **75.1 / 53.7** | 69.7 / 48.1 | 69.7 / 49.4 |
| MadaCos, α = 0.1, s ≥ 8 | 80.5 / 58.7 | 81.3 / 59.0 | **79.4 / 59.7** |
| MadaCos, κ = 999, s ≥ 8 | 83.3 / 61.7 | 82.4 / 61.8 | **83.4 / 61.9** |
| MadaCos, α = 0.1, κ = 999, s ≥ 8 | 82.5 / 62.3 | 84.6 / 63.8 | **83.3 / 64.5** |
| ArcFace, s = 10, m = 0.15 | 79.2 / 58.1 | **81.6 / 59.5** | 79.7 / 59.0 |
| ArcFace, s = 30, m = 0.15 | 80.5 / 56.8 | **80.2 / 59.0** | 72.8 / 52.0 |
| ArcFace, s = 64, m = 0.15 | **64.4 / 43.0** | 60.8 / 40.2 | 56.5 / 37.7 |
| ArcFace, s = 128, m = 0.15 | 38.8 / 20.3 | 38.9 / 22.8 | **45.3 / 23.3** |
| ArcFace, s = 10, m = 0.5 | 81.2 / 60.5 | **83.0 / 63.1** | 82.0 / 61.8 |
| ArcFace, s = 30, m = 0.5 | 54.5 / 26.2 | **64.3 / 39.2** | 60.9 / 38.1 |
| ArcFace, s = 64, m = 0.5 | 35.8 / 22.6 | **44.5 / 28.0** | 47.5 / 25.7 |
| ArcFace, s = 128, m = 0.5 | 22.7 / 10.6 | 21.8 / 11.2 | **33.8 / 17.7** |
| CosFace, s = 10, m = 0.35 | 81.6 / 61.2 | 81.0 / 60.9 | **83.3 / 62.5** |
| CosFace, s = 30, m = 0.35 | 76.4 / 54.5 | **77.3 / 55.6** | 69.4 / 49.3 |
| CosFace, s = 64, m = 0.35 | **73.4 / 51.6** | 55.7 / 35.6 | 40.7 / 22.8 |
| CosFace, s = 128, m = 0.35 | **49.4 / 33.0** | 33.7 / 21.2 | 27.5 / 16.7 |
| AdaCos | 81.4 / 60.3 | **83.1 / 61.3** | 81.9 / 61.2 |
| curricular, s = 128, m = 0.15 | **63.8 / 41.7** | 58.1 / 36.8 | 53.6 / 34.2 |

The constants of MadaCos were chosen like the rates. What holds it back here is the smallest scale: 32 is more than so few classes want. Lowering it alone gives six points of mAP; beside that κ = 999 alone gives next to nothing, α = 0.1 alone takes two, and both together give three more. They are differences of one seed, with noise of about three and a half points of R@1.

With 150 steps MadaCos, with the paper's constants, was behind further (mAP 26.8 against 40.9 of ArcFace with s = 10), and most heads preferred larger rates: what the comparison says depends on how long one trains. A network of 12, 24 and 48 channels on characters of 20 pixels, 600 steps of MadaCos at 0.05, had 88.9 / 73.8 on 76 held-out classes; it was given up for its time alone, as a run took three times as long.
What 400 steps could not tell: the scale of AdaCos feeds on itself: where the largest wrong cosine of a batch is above the median it is divided by, it grows from batch to batch. On held-out classes with 800 steps at its rate of 0.15 it rose from 23 to 194 between steps 200 and 240, after which the loss stayed above 3 (49.0 / 32.9); at 0.05 it stayed below 22 (85.5 / 67.7). That was looked at after the test, whose rows of AdaCos show the same and were left as they are.

The rate of the stage with tuples, its length and the size of its tuples were not searched; they are the same for every weight.`;
