#include "pipeline/report/html_sections.h"

namespace dinsd {

Html StyleSheet() {
  Html html;
  html << R"css(<style>
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1.25rem 1.5rem 3rem; background: #fff; color: #1b1f24;
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: .75rem 0 .5rem; overflow-wrap: anywhere; }
h1 span { font-weight: 400; color: #3d4650; }
h2 { font-size: 1.2rem; margin: 2.25rem 0 .75rem; padding-bottom: .3rem; border-bottom: 2px solid #1b1f24; }
h3 { font-size: 1rem; margin: 0 0 .5rem; overflow-wrap: anywhere; }
p { margin: .5rem 0; max-width: 60rem; }
dl, dd, figure { margin: 0; }
dt { color: #4a545e; font-size: .875rem; }
dd { overflow-wrap: anywhere; }
.research { margin: 0; padding: .45rem .8rem; background: #1b1f24; color: #fff; max-width: none; }
.facts { display: flex; flex-wrap: wrap; gap: .5rem 2rem; }
.facts dd { font-weight: 600; }
.state { margin-top: 1.25rem; }
.state p { padding: .55rem .8rem; max-width: none; overflow-wrap: anywhere; }
.final { background: #f1f4f7; border-left: .4rem solid #4a545e; }
.alert { background: #fff4d6; border-left: .4rem solid #b36b00; }
.totals { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .75rem; }
.totals > div { border: 1px solid #c9d0d6; border-radius: .35rem; padding: .6rem .8rem; }
.totals strong { font-size: 1.6rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
.totals small { display: block; color: #4a545e; font-size: .875rem; }
svg { display: block; background: #000; font-family: system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
svg path { fill: none; vector-effect: non-scaling-stroke; }
svg circle { fill: none; vector-effect: non-scaling-stroke; }
.halo { stroke: #000; stroke-width: 3.5; stroke-opacity: .75; }
.contour { stroke-width: 1.75; }
.other { stroke-width: 1; stroke-opacity: .85; }
.unprompted { stroke-width: 1.25; stroke-dasharray: 3 3; }
.prior { stroke-width: 1.25; stroke-dasharray: 1 2.5; }
.leader { stroke-width: .75; stroke-opacity: .8; }
.bar { stroke-width: 2; }
.click { stroke: #fff; stroke-width: 2; }
.rim { stroke: #000; stroke-width: 5; }
.proposed { stroke-dasharray: 3 2; }
.start { text-anchor: start; } .middle { text-anchor: middle; } .end { text-anchor: end; }
.letter { font-weight: 700; paint-order: stroke; stroke: #000; stroke-width: 2; vector-effect: non-scaling-stroke; }
.projection { display: flex; flex-wrap: wrap; gap: .75rem 1.5rem; align-items: flex-start; }
.projection svg { flex: 0 0 auto; max-width: 100%; }
.projection .tall { height: 64rem; width: auto; }
.projection .wide { width: 44rem; height: auto; }
.projection figcaption { flex: 1 1 14rem; }
figcaption, .legend { color: #3d4650; font-size: .875rem; }
table { border-collapse: collapse; width: 100%; font-size: .9375rem; }
th, td { padding: .4rem .6rem; text-align: left; vertical-align: top; border-bottom: 1px solid #c9d0d6; }
thead th { border-bottom: 2px solid #4a545e; white-space: nowrap; }
tbody th { font-weight: 600; overflow-wrap: anywhere; }
tbody tr:nth-child(even) { background: #f6f8fa; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
td.volume { font-weight: 600; }
.clicks { white-space: nowrap; font-variant-numeric: tabular-nums; }
.none { color: #5b6570; }
.flag { display: inline-block; white-space: nowrap; padding: 0 .45rem; border: 1px solid #8a5200; border-radius: .25rem; background: #fff4d6;
  color: #5c3700; font-size: .875rem; font-weight: 600; }
.note { display: block; font-size: .875rem; overflow-wrap: anywhere; }
.meanings > div, .method > div { display: grid; grid-template-columns: 13rem 1fr; gap: .25rem 1rem; padding: .35rem 0;
  border-bottom: 1px solid #e3e7eb; }
.meanings { margin-top: 1rem; font-size: .9375rem; }
.method dd { font-size: .9375rem; }
.trust { max-width: 60rem; padding-left: 1.2rem; }
.trust li { margin: .4rem 0; }
article { margin: 1.25rem 0; }
.count { display: inline-block; min-width: 1.6rem; text-align: center; background: #1b1f24; color: #fff;
  border-radius: .25rem; padding: 0 .3rem; }
h3 .flag, h3 .note { font-weight: 400; }
.strip { display: grid; grid-template-columns: repeat(7, 1fr); gap: .4rem; }
.strip svg { width: 100%; height: auto; }
footer { margin-top: 2.5rem; padding-top: .6rem; border-top: 2px solid #1b1f24; font-weight: 600; }
@media (max-width: 40rem) {
  body { padding: .75rem .75rem 2rem; }
  h1 { font-size: 1.35rem; }
  .totals { grid-template-columns: 1fr 1fr; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  table, tbody { display: block; }
  tbody tr { display: grid; grid-template-columns: 2.25rem minmax(0, 1fr) auto; gap: 0 .5rem; padding: .5rem .25rem;
    border-bottom: 1px solid #8b949e; }
  tbody td, tbody th { border: 0; padding: 0; }
  tbody .volume { font-size: 1.0625rem; }
  tbody .volume::after { content: " mL"; font-weight: 400; }
  tbody .interval { grid-row: 4; grid-column: 2; text-align: left; }
  tbody .interval:not(:empty)::before { content: "90 %: "; }
  tbody .interval:not(:empty)::after { content: " mL"; }
  tbody .slices::before { content: "slices: "; }
  tbody .site { grid-row: 2; grid-column: 2; }
  tbody .slices { grid-row: 2; grid-column: 3; }
  tbody .clicks { grid-row: 3; grid-column: 3; text-align: right; }
  tbody .clicks::before { content: "clicks: "; }
  tbody .remarks { grid-row: 3; grid-column: 2; }
  .projection { display: block; overflow-x: auto; }
  .projection .tall, .projection .wide { height: auto; width: 34rem; max-width: none; }
  .projection figcaption { position: sticky; left: 0; max-width: calc(100vw - 1.5rem); }
  .strip { grid-template-columns: repeat(3, 1fr); }
  .meanings > div, .method > div { grid-template-columns: 1fr; }
}
@page { size: A4; margin: 14mm 12mm; }
@media print {
  body { max-width: none; padding: 0; font-size: 10pt; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  h2, h3 { break-after: avoid; }
  tr, article, .totals > div, .meanings > div, .method > div, .trust li, .state p, figure { break-inside: avoid; }
  thead { display: table-header-group; }
  h1 { font-size: 15pt; }
  h2 { margin: 6mm 0 2.5mm; }
  .totals { grid-template-columns: repeat(5, 1fr); gap: 2mm; padding-right: 1px; }
  .totals strong { font-size: 14pt; }
  .projection .tall { height: 150mm; max-width: 110mm; }
  .projection .wide { width: 130mm; }
  .projection figcaption { flex: 1 1 40mm; }
  .strips > .legend { break-after: avoid; }
  .contour { stroke-width: 1.1; }
  .halo { stroke-width: 2.2; }
  .click { stroke-width: 1.2; }
  .rim { stroke-width: 3; }
  table { font-size: 9pt; }
}
</style>
)css";
  return html;
}

}  // namespace dinsd
