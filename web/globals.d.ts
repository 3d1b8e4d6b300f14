// What pages load as plain scripts before ours: their types, for the check of our scripts.
declare const htmx: typeof import("htmx.org").default;
declare const echarts: typeof import("echarts");
