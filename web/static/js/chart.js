// Draws the page's series with ECharts; the table beside it says the same in words. The legend and the values under
// the pointer are elements of the page: theirs cost 70 kB more on the line.

/** @typedef {{kind: "bar" | "line", stacked: boolean, unit: string, labels: string[], lines: {name: string, values: (number | null)[]}[]}} Drawn */

const frame = document.getElementById("chart");
// @ts-expect-error ECharts is a script of its own, without types here.
const echarts = /** @type {any} */ (window.echarts);

/** Lines differ by more than their colour. */
const SYMBOLS = [["circle", "●"], ["rect", "■"], ["triangle", "▲"], ["diamond", "◆"]];

/** @param {number} seconds */
function asHours(seconds) {
  return `${Math.round(seconds / 36) / 100} h`;
}

/** @param {number} place */
function symbolOf(place) {
  return SYMBOLS[place % SYMBOLS.length] ?? ["circle", "●"];
}

/** @param {Drawn} drawn @param {any} chart */
function showLegend(drawn, chart) {
  const entries = drawn.lines.map((line, place) => {
    const entry = document.createElement("li");
    const mark = document.createElement("span");
    mark.textContent = drawn.kind === "line" ? (symbolOf(place)[1] ?? "") : "■";
    mark.style.color = chart.getVisual({ seriesIndex: place }, "color");
    entry.append(mark, ` ${line.name}`);
    return entry;
  });
  document.getElementById("chart-legend")?.replaceChildren(...entries);
}

if (frame instanceof HTMLElement && echarts) {
  /** @type {Drawn} */
  const drawn = JSON.parse(frame.dataset.series ?? "{}");
  const isDark = document.documentElement.dataset.bsTheme === "dark";
  const chart = echarts.init(frame, isDark ? "dark" : null);
  /** @param {number} value */
  const shown = (value) => (drawn.unit === "seconds" ? asHours(value) : String(value));
  chart.setOption({
    backgroundColor: "transparent",
    aria: { enabled: true, decal: { show: drawn.lines.length > 1 } },
    animation: false,
    grid: { left: 48, right: 16, top: 16, bottom: 32 },
    xAxis: { type: "category", data: drawn.labels },
    yAxis: { type: "value", minInterval: drawn.unit === "cases" ? 1 : 0, axisLabel: { formatter: shown } },
    series: drawn.lines.map((line, place) => ({
      name: line.name,
      type: drawn.kind,
      stack: drawn.stacked ? "all" : undefined,
      symbol: symbolOf(place)[0],
      symbolSize: 7,
      data: line.values,
      connectNulls: false,
    })),
  });
  showLegend(drawn, chart);
  const told = document.getElementById("chart-values");
  chart.getZr().on("mousemove", (/** @type {{offsetX: number, offsetY: number}} */ { offsetX, offsetY }) => {
    if (!told || !chart.containPixel("grid", [offsetX, offsetY])) return;
    const [place] = chart.convertFromPixel("grid", [offsetX, offsetY]);
    const values = drawn.lines.map(({ name, values: [...all] }) => [name, all[place]]);
    const said = values.filter(([, value]) => value != null).map(([name, value]) => `${name} ${shown(Number(value))}`);
    told.textContent = [drawn.labels[place], ...said].join(" · ");
  });
  window.addEventListener("resize", () => chart.resize());
}
