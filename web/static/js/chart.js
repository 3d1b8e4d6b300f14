// Draws the page's series with ECharts; the table beside it says the same in words.

/** @typedef {{kind: "bar" | "line", stacked: boolean, unit: string, labels: string[], lines: {name: string, values: (number | null)[]}[]}} Drawn */

const frame = document.getElementById("chart");
// @ts-expect-error ECharts is a script of its own, without types here.
const echarts = /** @type {any} */ (window.echarts);

/** @param {number} seconds */
function asHours(seconds) {
  return `${Math.round(seconds / 36) / 100} h`;
}

if (frame instanceof HTMLElement && echarts) {
  /** @type {Drawn} */
  const drawn = JSON.parse(frame.dataset.series ?? "{}");
  const isDark = document.documentElement.dataset.bsTheme === "dark";
  const chart = echarts.init(frame, isDark ? "dark" : null, { renderer: "svg" });
  /** @param {number} value */
  const shown = (value) => (drawn.unit === "seconds" ? asHours(value) : String(value));
  chart.setOption({
    backgroundColor: "transparent",
    aria: { enabled: true, decal: { show: drawn.lines.length > 1 } },
    animation: false,
    // An HTML tooltip would need styles that the policy of the page does not allow.
    tooltip: { trigger: "axis", renderMode: "richText", valueFormatter: shown },
    legend: { type: "scroll", top: 0 },
    grid: { left: 48, right: 16, top: 40, bottom: 32 },
    xAxis: { type: "category", data: drawn.labels },
    yAxis: { type: "value", minInterval: drawn.unit === "cases" ? 1 : 0, axisLabel: { formatter: shown } },
    series: drawn.lines.map((line) => ({
      name: line.name,
      type: drawn.kind,
      stack: drawn.stacked ? "all" : undefined,
      data: line.values,
      connectNulls: false,
    })),
  });
  window.addEventListener("resize", () => chart.resize());
}
