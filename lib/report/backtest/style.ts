/** What the picture of a backtest has beyond the style sheet of all reports. */
export const BACKTEST_STYLE = `
.history,.weeks{display:block;width:100%;overflow:visible}
.bt-area{fill:var(--firstByte);fill-opacity:.28}
.bt-mean{fill:none;stroke:var(--firstByte);stroke-width:1.4;stroke-linejoin:round;stroke-linecap:round;vector-effect:non-scaling-stroke}
.bt-base{fill:none;stroke:var(--ink);stroke-width:1.4;stroke-dasharray:6 3;stroke-opacity:.75;vector-effect:non-scaling-stroke}
.bt-cut{fill:var(--muted)}
.bt-wash{fill-opacity:.14}.bt-begin{stroke-width:1.5}.bt-mark{stroke-width:2.5;stroke-linejoin:round}
.is-page{--tone:var(--fail);--tint:var(--fail-bg)}.is-ticket{--tone:var(--degraded);--tint:var(--degraded-bg)}
.bt-wash,.bt-mark{fill:var(--tone)}.bt-begin,.bt-mark{stroke:var(--tone)}
.is-incident{--tone:var(--inconclusive);--tint:var(--inconclusive-bg)}
.bt-mark.is-missed{fill:var(--card);stroke-width:1.5}
svg .bt-name{fill:var(--inconclusive);font-weight:600}svg .bt-long{font-weight:400}
.legend .bt-key{flex:none;overflow:visible}.bt-key .bt-mark{stroke-width:0}
.sign{display:inline-block;width:1.1em;font-weight:700}.signed{white-space:nowrap}
.rules{margin-top:1rem;font-size:.875rem}.rules li{display:flex;flex-wrap:wrap;gap:0 .8em;padding:.2rem 0}.rules b{font-weight:600}.rules span{color:var(--muted)}
.lead{margin:.2rem 0 1rem}
.why .mark{white-space:normal}
.when{white-space:nowrap}.why{min-width:18rem}
section>h2+figure{margin-top:1.25rem}
@container (max-width:640px){.bt-minor text,text.bt-minor,.bt-long{display:none}}
@media screen and (max-width:640px){.stacked table,.stacked tbody{display:block}.stacked thead{display:none}
.stacked tr{display:flex;flex-wrap:wrap;align-items:center;gap:.2rem .9rem;padding:.6rem 0;border-bottom:1px solid var(--line)}.stacked tbody tr:last-child{border-bottom:0}
.stacked td,.stacked th{border:0;padding:0;min-width:0}.stacked .why{flex-basis:100%}.stacked small{display:inline;margin-left:.5em}.stacked td.n:empty{display:none}}
@media print{.why{min-width:0}}
`;
