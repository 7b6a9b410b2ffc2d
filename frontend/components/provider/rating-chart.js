import { html, replace } from "/static/html.js";

const HEIGHT_PX = 220;
const SERIES = [
  { key: "rating_bps", label: "Rating", width: 3 },
  { key: "baseline_bps", label: "Benchmark half", width: 1.5, dash: [6, 3] },
  { key: "quality_bps", label: "Jobs' half", width: 1.5, dash: [2, 3] },
];
let sheet = null;

/**
 * Steps over time in percent; uPlot is loaded for it. What it shows stands in the table beside it.
 * @param {Element} place @param {any[]} ratings two or more, oldest first @param {AbortSignal} signal of the page
 */
export async function ratingChart(place, ratings, signal) {
  loadSheet();
  const { default: Plot } = await import("/vendor/uplot.js");
  if (signal.aborted || !place.isConnected) return;
  const last = ratings.at(-1);
  const described = `Rating over time: ${ratings.length} steps, now ${(last.rating_bps / 100).toFixed(2)} percent`;
  const canvas = html`<div role="img" aria-label=${described}></div>`;
  replace(place, canvas);
  let plot;
  const draw = () => {
    plot?.destroy();
    plot = new Plot(options(Plot, place), data(ratings), canvas);
  };
  draw();
  const resized = new ResizeObserver(() => plot.setSize({ width: width(place), height: HEIGHT_PX }));
  resized.observe(place);
  const themed = new MutationObserver(draw);
  themed.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw, { signal });
  signal.addEventListener("abort", () => (resized.disconnect(), themed.disconnect(), plot.destroy()));
}

function data(ratings) {
  const now = Math.max(Date.now() / 1000, ratings.at(-1).at + 1);
  const steps = [...ratings, { ...ratings.at(-1), at: now }];
  return [steps.map(({ at }) => at), ...SERIES.map(({ key }) => steps.map((step) => step[key] / 100))];
}

function options(Plot, place) {
  const [ink, line] = [colour(place, "--soft"), colour(place, "--line")];
  const axis = { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { stroke: line } };
  return {
    width: width(place),
    height: HEIGHT_PX,
    scales: { y: { range: [0, 100] } },
    axes: [axis, { ...axis, size: 56, values: (_, ticks) => ticks.map((tick) => `${tick} %`) }],
    series: [
      {},
      ...SERIES.map(({ label, width: thick, dash }, index) => ({
        label,
        dash,
        width: thick,
        stroke: colour(place, `--series-${index + 1}`),
        paths: Plot.paths.stepped({ align: 1 }),
        points: { show: false },
        value: (_, value) => (value === null ? "–" : `${value.toFixed(2)} %`),
      })),
    ],
  };
}

const width = (place) => Math.max(place.clientWidth, 200);

/** A colour of the theme as the canvas takes it. */
function colour(place, name) {
  const probe = document.createElement("i");
  probe.style.color = `var(${name})`;
  place.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

function loadSheet() {
  if (sheet) return;
  sheet = html`<link rel="stylesheet" href="/vendor/uplot.css" />`;
  document.head.append(sheet);
}
