"""The look of the report: light and dark, on narrow screens and on paper."""

from __future__ import annotations

import base64
import hashlib

STYLE = """
:root {
  color-scheme: light dark;
  --paper: #ffffff; --sheet: #f6f7f9; --ink: #1b1f24; --soft: #57606a; --rule: #d8dee4;
  --link: #0757ba; --good: #0f7034; --bad: #b3261e; --warn: #8a5300;
  --queue: #8c959f; --tried: #d9534a; --pause: #bf8700; --first: #6ea3e6; --stream: #0b4db5;
  --work: #8250df; --add: #d7f5dd; --add-ink: #0b5326; --cut: #fde4e1; --cut-ink: #8c1d18;
  --c0: #1f6feb; --c1: #d4570b; --c2: #14805e; --c3: #b02a8c; --c4: #7a6200; --c5: #6e7781;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #0f1318; --sheet: #181d24; --ink: #e8edf2; --soft: #a2adb9; --rule: #313a45;
    --link: #79b8ff; --good: #5ccb7e; --bad: #ff8f85; --warn: #e8b74c;
    --queue: #66727f; --tried: #e5645a; --pause: #b58a25; --first: #3f6ba3; --stream: #79b8ff;
    --work: #b48cff; --add: #12351f; --add-ink: #9be8b0; --cut: #43191a; --cut-ink: #ffb4ad;
    --c0: #58a6ff; --c1: #ff9e57; --c2: #4fd1a5; --c3: #f58fd6; --c4: #dbc04c; --c5: #8b96a3;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
header, main, footer { max-width: 68rem; margin: 0 auto; padding: 0 1.5rem; }
header { padding-top: 2.25rem; }
h1 { font-size: 1.6rem; line-height: 1.3; margin: .25rem 0 .75rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 0 0 .75rem; }
h3 { font-size: 1rem; margin: 1.25rem 0 .5rem; }
section { margin: 2.5rem 0; scroll-margin-top: 1rem; }
p { margin: .5rem 0; }
p, h3, li { overflow-wrap: anywhere; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 3px; }
.skip { position: absolute; left: -100vw; top: .5rem; background: var(--paper); padding: .5rem; }
.skip:focus { left: .5rem; }
.kicker { color: var(--soft); font-size: .9rem; margin: 0; }
.soft { color: var(--soft); }
.pill {
  display: inline-block; border: 1.5px solid currentColor; border-radius: 99px;
  padding: .05rem .65rem; font-size: .85rem; font-weight: 600; vertical-align: .1em;
}
.good { color: var(--good); } .bad { color: var(--bad); } .warn { color: var(--warn); }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.1rem; list-style: none; padding: 0;
  margin: 1rem 0 0; font-size: .95rem; }
dl.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(12rem, 1fr));
  gap: .9rem 1.5rem; margin: 1.25rem 0; padding: 1rem 1.25rem; background: var(--sheet);
  border-radius: .6rem; }
dt { color: var(--soft); font-size: .8rem; }
dd { margin: 0; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
dd bdi { display: inline-block; max-width: 100%; }
pre, .said {
  white-space: pre-wrap; overflow-wrap: anywhere; margin: .4rem 0; padding: .7rem .9rem;
  background: var(--sheet); border-radius: .5rem; max-height: 32rem; overflow: auto;
}
pre, code { font: .88rem/1.5 ui-monospace, "Cascadia Code", "SF Mono", Menlo, "DejaVu Sans Mono",
  monospace; }
.said { font: inherit; }
.answer { font-size: 1.08rem; border-left: 4px solid var(--good); max-height: none; }
.answer.bad { border-color: var(--bad); color: inherit; }
.trouble { border-left: 4px solid var(--bad); padding: .5rem .9rem; background: var(--sheet);
  border-radius: .5rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
caption { text-align: left; color: var(--soft); font-size: .9rem; padding-bottom: .5rem; }
th, td { text-align: left; padding: .3rem .8rem .3rem 0; vertical-align: middle;
  border-bottom: 1px solid var(--rule); }
th { font-weight: 600; color: var(--soft); font-size: .8rem; }
tr.won th, tr.won td { color: var(--good); font-weight: 600; }
tbody th { color: var(--ink); font-size: inherit; }
.two th { overflow-wrap: anywhere; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.end { padding-right: 0; overflow-wrap: anywhere; }
.chart table { table-layout: fixed; min-width: 58rem; }
.chart .of { width: 13rem; } .chart .num { width: 4.6rem; } .chart .tok { width: 6.4rem; }
.chart .res { width: 8.5rem; }
.chart tbody th, .chart td.end { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.chart tbody th span { font-weight: 400; color: var(--soft); }
.bar { display: block; width: 100%; height: 1.05rem; }
.ticks { display: flex; justify-content: space-between; font-variant-numeric: tabular-nums; }
.ticks span { white-space: nowrap; }
.grid { stroke: var(--rule); stroke-width: 1; vector-effect: non-scaling-stroke; }
.queue { fill: var(--queue); } .tried { fill: var(--tried); } .pause { fill: var(--pause); }
.first { fill: var(--first); } .stream { fill: var(--stream); } .work { fill: var(--work); }
ul.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; list-style: none; padding: 0;
  margin: .7rem 0; color: var(--soft); font-size: .85rem; }
.legend svg { width: .9rem; height: .9rem; vertical-align: -.1rem; margin-right: .35rem; }
.two { display: grid; grid-template-columns: minmax(0, 2fr) minmax(0, 3fr); gap: 1rem 2rem;
  align-items: start; }
.plot { display: block; width: 100%; height: auto; }
.plot text { fill: var(--soft); font-size: 12px; font-family: inherit; }
.plot polyline { fill: none; stroke-width: 2.5; stroke-linejoin: round; }
.axis { stroke: var(--rule); stroke-width: 1; }
.c0 { stroke: var(--c0); } .c1 { stroke: var(--c1); } .c2 { stroke: var(--c2); }
.c3 { stroke: var(--c3); } .c4 { stroke: var(--c4); } .c5 { stroke: var(--c5); }
.f0 { fill: var(--c0); } .f1 { fill: var(--c1); } .f2 { fill: var(--c2); }
.f3 { fill: var(--c3); } .f4 { fill: var(--c4); } .f5 { fill: var(--c5); }
.none { fill: none; stroke: var(--c5); stroke-width: 1.5; }
details { border-bottom: 1px solid var(--rule); padding: .35rem 0; }
summary { cursor: pointer; overflow-wrap: anywhere; }
summary .soft { margin-left: .5rem; font-variant-numeric: tabular-nums; }
details > :not(summary) { margin-left: 1.1rem; }
.calls > details { content-visibility: auto; contain-intrinsic-size: auto 2.2rem; }
.role { color: var(--soft); font-size: .8rem; margin: .7rem 0 0; }
ol.steps { list-style: none; padding: 0; margin: 0; }
ol.steps > li { border-left: 3px solid var(--rule); padding: .1rem 0 .6rem 1.1rem; }
ol.steps > li.tool { border-color: var(--work); }
article { margin: 1.5rem 0; }
meter { width: 8rem; height: .9rem; vertical-align: middle; }
table.diff { table-layout: fixed; font: .86rem/1.5 ui-monospace, "Cascadia Code", "SF Mono", Menlo,
  "DejaVu Sans Mono", monospace; }
table.diff td { white-space: pre-wrap; overflow-wrap: anywhere; vertical-align: top; border: 0;
  padding: .05rem .6rem; }
table.diff td + td { border-left: 1px solid var(--rule); }
td.cut { background: var(--cut); } td.add { background: var(--add); }
del, ins { text-decoration: none; border-radius: 2px; font-weight: 600; }
del { color: var(--cut-ink); text-decoration: line-through; text-decoration-thickness: 1px; }
ins { color: var(--add-ink); text-decoration: underline; text-underline-offset: 2px; }
table.diff tr { height: 1.45em; }
tr.skipped td { color: var(--soft); text-align: center; font-style: italic; }
footer { color: var(--soft); font-size: .85rem; padding-bottom: 2.5rem; }
@media (max-width: 44rem) { .two { grid-template-columns: minmax(0, 1fr); }
  header, main, footer { padding-left: 1rem; padding-right: 1rem; }
  dl.facts { grid-template-columns: repeat(auto-fill, minmax(8.5rem, 1fr)); }
  .plot text { font-size: 20px; } }
@media print {
  :root { color-scheme: light; }
  body { font-size: 11pt; } nav, .skip { display: none; }
  svg, .pill, td.cut, td.add { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  pre, .said { max-height: none; overflow: visible; }
  tr, summary { break-inside: avoid; }
  .scroll { overflow: visible; }
  .chart table { min-width: 0; font-size: 8pt; }
  .chart .of { width: 8rem; } .chart .num { width: 3.6rem; } .chart .tok { width: 4.8rem; }
  .chart .res { width: 6rem; }
  details::details-content { content-visibility: visible; block-size: auto; }
}
"""

POLICY = (
    "default-src 'none'; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    + "'; base-uri 'none'; form-action 'none'"
)
"""What a browser may load for the report: this style and nothing else, and no script at all."""
