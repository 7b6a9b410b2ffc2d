import { html, replace } from "/static/html.js";

const HEIGHT_PX = 260;
let loading = null;

/** uPlot and its sheet, once and only where there is a chart. */
function library() {
  loading ??= import("/vendor/uplot.js").then((module) => {
    document.head.append(html`<link rel="stylesheet" href="/vendor/uplot.css" />`);
    return module.default;
  });
  return loading;
}

/**
 * Accuracy and loss by round, drawn as rounds close. The figures are in the table beside it, so the picture is only named.
 * @param {AbortSignal} signal ends listening to the window's size and colours
 * @returns {{element: HTMLElement, update: (rounds: {number: number, accuracy: number|null, loss: number|null}[]) => void}}
 */
export function roundChart(signal) {
  const element = html`<div
    class="round-chart"
    role="img"
    aria-label="Accuracy and loss by round; the table has the figures"
  ></div>`;
  let data = [[], [], []];
  let chart = null;
  const build = async () => {
    const UPlot = await library();
    if (signal.aborted || data[0].length === 0) return;
    chart?.destroy();
    replace(element);
    chart = new UPlot(options(element), data, element);
  };
  const colours = new MutationObserver(() => chart && build());
  const size = new ResizeObserver(() => {
    if (chart && element.clientWidth !== chart.width)
      chart.setSize({ width: element.clientWidth, height: HEIGHT_PX });
  });
  colours.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => chart && build(), { signal });
  size.observe(element);
  signal.addEventListener("abort", () => (colours.disconnect(), size.disconnect(), chart?.destroy()), {
    once: true,
  });
  return {
    element,
    update(rounds) {
      data = [
        rounds.map(({ number }) => number),
        rounds.map(({ accuracy }) => (accuracy === null ? null : 100 * accuracy)),
        rounds.map(({ loss }) => loss),
      ];
      if (chart) chart.setData(data);
      else build();
    },
  };
}

function options(element) {
  const colour = (name) => resolved(element, `var(--${name})`);
  const axis = { stroke: colour("soft"), grid: { stroke: colour("line"), width: 1 }, ticks: { show: false } };
  const whole = (_, marks) => marks.map((mark) => (Number.isInteger(mark) ? String(mark) : ""));
  return {
    width: element.clientWidth || 600,
    height: HEIGHT_PX,
    scales: {
      x: { time: false, range: (_, low, high) => [low - 0.5, high + 0.5] },
      percent: { range: (_, low, high) => within(low, high, 0, 100) },
      loss: {},
    },
    cursor: { drag: { x: false, y: false } },
    series: [
      { label: "Round" },
      {
        label: "Accuracy",
        scale: "percent",
        stroke: colour("series-1"),
        width: 2,
        points: { show: true, size: 6, fill: colour("series-1") },
        value: (_, value) => (value === null ? "–" : `${value.toFixed(2)} %`),
      },
      {
        label: "Loss",
        scale: "loss",
        stroke: colour("series-2"),
        width: 2,
        dash: [6, 4],
        points: { show: true, size: 6, fill: colour("series-2") },
        value: (_, value) => (value === null ? "–" : value.toFixed(4)),
      },
    ],
    axes: [
      {
        ...axis,
        label: "Round",
        labelSize: 22,
        size: 34,
        values: whole,
        incrs: [1, 2, 5, 10, 20, 50, 100, 200],
      },
      { ...axis, scale: "percent", label: "Accuracy (%)", labelSize: 22, size: 56 },
      {
        ...axis,
        scale: "loss",
        side: 1,
        label: "Loss (dashed)",
        labelSize: 22,
        size: 60,
        grid: { show: false },
      },
    ],
  };
}

/** A colour that a canvas understands: the value that the sheet's tokens come to here and now. */
function resolved(element, colour) {
  const probe = document.createElement("span");
  probe.style.color = colour;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** A scale with some air around the values, and nothing that cannot be. */
function within(low, high, least, most) {
  const air = Math.max((high - low) / 8, 1);
  return [Math.max(least, low - air), Math.min(most, high + air)];
}
