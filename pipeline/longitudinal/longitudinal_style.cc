#include "pipeline/longitudinal/longitudinal_sections.h"

namespace dinsd {

Html LongitudinalStyle() {
  Html html;
  html << R"css(<style>
body { max-width: 78rem; padding-top: .6rem; }
.first { display: grid; grid-template-columns: 24.5rem minmax(0, 1fr); gap: .6rem 1.4rem; align-items: start; }
.first header { grid-column: 1 / -1; }
.first h1 { font-size: 1.35rem; margin: .4rem 0 .2rem; }
.first h2 { font-size: 1rem; margin: 0 0 .35rem; padding-bottom: .15rem; }
.first .research { padding: .2rem .6rem; font-size: .875rem; }
.first .facts { gap: .1rem 1.6rem; font-size: .9375rem; }
.first .facts dt { font-size: .8125rem; line-height: 1.2; }
.first .totals { grid-template-columns: 1fr 1fr; gap: .4rem; }
.first .totals > div { padding: .3rem .6rem; }
.first .totals strong { font-size: 1.25rem; }
.first .totals small { font-size: .8125rem; line-height: 1.25; }
.first .plot { margin-top: .4rem; }
.first p { margin: .25rem 0; }
.first .alert { padding: .25rem .6rem; font-size: .9375rem; }
.first section { min-width: 0; }
.counts { font-size: .875rem; width: auto; margin-bottom: .6rem; }
.counts th, .counts td { padding: .1rem .55rem; }
.look { margin: 0; padding: 0; list-style: none; }
.look li { padding: .22rem 0; border-bottom: 1px solid #e3e7eb; font-size: .9375rem; line-height: 1.3; }
.look strong { margin-right: .4rem; }
.first .look li { display: -webkit-box; -webkit-line-clamp: 2; -webkit-box-orient: vertical; overflow: hidden;
  overflow-wrap: anywhere; }
.more { font-weight: 600; }
.chip { display: inline-block; white-space: nowrap; padding: 0 .4rem; border-radius: .25rem; border: 1px solid #6b7681;
  background: #fff; color: #1b1f24; font-size: .8125rem; font-weight: 600; }
.increase { background: #D55E00; border-color: #8f3f00; color: #fff; }
.decrease { background: #0072B2; border-color: #004b76; color: #fff; }
.stable { background: #e3e7eb; }
.uncertain { background: #F0E442; }
.new { background: #CC79A7; }
.gone { background: #E69F00; }
.outside, .below, .chip.none { border-style: dashed; }
.plot { background: #fff; width: 100%; height: auto; }
.plot text { font-size: 12px; fill: #3d4650; }
.plot .gap { text-anchor: middle; font-size: 11px; font-style: italic; }
.plot .grid { stroke: #c9d0d6; stroke-width: 1; }
.plot .band { fill: #56B4E9; fill-opacity: .22; }
.plot .line { stroke: #1b1f24; stroke-width: 1.75; }
.plot .whisker { stroke: #1b1f24; stroke-width: 1.25; }
.plot .cross { stroke: #b34700; stroke-width: 2; }
.plot .point { fill: #1b1f24; stroke: #1b1f24; stroke-width: 1.75; }
.plot .hollow { fill: #fff; stroke-dasharray: 2 1.5; }
.lesion { border-top: 1px solid #c9d0d6; padding-top: .8rem; }
.lesion > div { display: grid; grid-template-columns: 29rem minmax(0, 1fr); gap: .5rem 1.25rem; align-items: start; }
.over-time { display: grid; grid-template-columns: repeat(auto-fill, minmax(7rem, 1fr)); gap: .5rem; }
.over-time figure { min-width: 0; }
.over-time .chip { white-space: normal; overflow-wrap: anywhere; }
.over-time svg { width: 100%; height: auto; }
.over-time figcaption { line-height: 1.35; overflow-wrap: anywhere; }
.blank { border: 1px dashed #8b949e; aspect-ratio: 1; display: flex; align-items: center; justify-content: center;
  text-align: center; color: #4a545e; font-size: .875rem; padding: .3rem; }
.wide-table { overflow-x: auto; }
.wide-table table { font-size: .875rem; }
.wide-table th, .wide-table td { padding: .25rem .45rem; }
.wide-table thead th { white-space: normal; }
.wide-table tbody th { white-space: nowrap; }
.lesion .method > div { grid-template-columns: 7.5rem minmax(0, 1fr); }
@media (max-width: 64rem) { .first, .lesion > div { grid-template-columns: minmax(0, 1fr); } }
@media (max-width: 40rem) {
  .counts thead { position: static; width: auto; height: auto; clip-path: none; }
  .counts, .wide-table table { display: table; }
  .counts tbody, .wide-table tbody { display: table-row-group; }
  .counts tbody tr, .wide-table tbody tr { display: table-row; }
  .wide-table thead { position: static; width: auto; height: auto; clip-path: none; }
}
</style>
)css";
  return html;
}

}  // namespace dinsd
