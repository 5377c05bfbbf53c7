import { SEQUENCE_STYLE } from './sequence-style.ts';

/** The style sheet of the report: one accent, a verdict's colour only where a verdict is, figures that line up. */
export const STYLE = `
:root{--ground:#f6f7f8;--card:#fff;--ink:#1a1f26;--muted:#586472;--line:#e1e5ea;--faint:#eef1f4;--accent:#1763a8;
--pass:#17774a;--pass-bg:#e6f4ec;--degraded:#8a5300;--degraded-bg:#fcf1dc;--fail:#b3202c;--fail-bg:#fdebec;
--inconclusive:#5f48a8;--inconclusive-bg:#efebfa;--idle:#586472;--idle-bg:#eef1f4;
--dns:#8b6fd6;--connect:#d48b2f;--tls:#c2569b;--upgrade:#2f9a94;--firstByte:#3b82c4;--download:#55a868;--firstFrame:#b39a1e;--handshake:#5f8f2f;--close:#8d6a55;--other:#a9b3be}
@media screen and (prefers-color-scheme:dark){:root{--ground:#101419;--card:#181d24;--ink:#e6eaef;--muted:#9aa7b5;--line:#2b333d;--faint:#212831;--accent:#6db3f2;
--pass:#57c78d;--pass-bg:#12301f;--degraded:#edb45c;--degraded-bg:#35270e;--fail:#ff8a8f;--fail-bg:#3b171b;
--inconclusive:#b8a6f5;--inconclusive-bg:#282047;--idle:#9aa7b5;--idle-bg:#252d37;
--dns:#a48df0;--connect:#e0a04a;--tls:#db7ab8;--upgrade:#4fbdb6;--firstByte:#5b9fde;--download:#6dc282;--firstFrame:#d0b840;--handshake:#8fbf5a;--close:#b8937b;--other:#66727f}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-padding-top:1rem}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
main{max-width:1200px;margin:0 auto;padding:2rem 1.5rem 0}
h1,h2,h3,h4,p,ul,ol,dl,dd,figure{margin:0;padding:0}
ul,ol{list-style:none}
h1{font-size:2rem;line-height:1.15;letter-spacing:-.02em}
h2{font-size:1.25rem;line-height:1.3;letter-spacing:-.01em}
section>h2:has(+.scroll){margin-bottom:.75rem}
h3{font-size:.9375rem;margin:1.75rem 0 .5rem}
h4{font-size:.8125rem;font-weight:600;color:var(--muted)}
a{color:var(--accent);text-underline-offset:.15em}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
code,pre,.line,.message dl{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;font-size:.8125rem}
small{display:block;font-size:.8125rem;font-weight:400;color:var(--muted)}
.caption{font-size:.8125rem;color:var(--muted);margin-top:.5rem}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:1.5rem;margin-top:1.25rem}
.is-pass{--tone:var(--pass);--tint:var(--pass-bg)}.is-degraded{--tone:var(--degraded);--tint:var(--degraded-bg)}
.is-fail{--tone:var(--fail);--tint:var(--fail-bg)}.is-inconclusive{--tone:var(--inconclusive);--tint:var(--inconclusive-bg)}
.is-skipped,.is-deferred,.is-late,.is-missed,.is-plain{--tone:var(--idle);--tint:var(--idle-bg)}
.icon{width:1em;height:1em;flex:none;fill:none;stroke:currentColor;stroke-width:1.5;stroke-linecap:round;stroke-linejoin:round}
.pill{display:inline-flex;align-items:center;gap:.4em;padding:.15em .7em .15em .45em;border-radius:99px;background:var(--tint,var(--idle-bg));color:var(--tone,var(--idle));font-size:.8125rem;font-weight:600;white-space:nowrap}
.mark{display:inline-flex;align-items:center;gap:.4em;color:var(--tone)}.mark.is-plain{color:inherit}
small.is-fail{color:var(--fail)}
.meta{display:flex;flex-wrap:wrap;column-gap:1.1em;color:var(--muted);font-size:.875rem}
.brand{display:flex;align-items:center;gap:.5em;color:var(--accent);font-weight:600;font-size:.875rem}
.logo{width:1.6em;height:1.2em;fill:none;stroke:currentColor;stroke-width:3}
.title{display:flex;flex-wrap:wrap;align-items:center;gap:.3rem 1rem;margin:.75rem 0 .25rem}
.verdict .pill{font-size:1rem}
.counts{display:flex;flex-wrap:wrap;gap:.25rem 1.4rem;margin-top:1rem}
.counts li{display:flex;align-items:center;gap:.45em}.counts .icon{color:var(--tone)}
.run-head{display:flex;flex-wrap:wrap;align-items:center;gap:.3rem .8rem;margin-bottom:.15rem}
.reasons{margin-top:1rem;padding:.75rem 1rem;border-radius:8px;background:var(--tint)}
.reasons li+li{margin-top:.3rem}.runbook{margin-top:.5rem;font-size:.875rem}
.figures{display:grid;grid-template-columns:repeat(6,1fr);margin-top:1.25rem;border-block:1px solid var(--line)}
.figures.is-one{grid-template-columns:1fr}.figures div{padding:.6rem 0 .55rem 1rem;border-left:1px solid var(--line)}.figures div:first-child{padding-left:0;border-left:0}
.figures dt{font-size:.8125rem;color:var(--muted)}.figures dd{font-size:1.125rem;font-weight:600;white-space:nowrap}
.charts{display:grid;grid-template-columns:minmax(0,3fr) minmax(0,2fr);gap:0 2.5rem}.charts.is-single{grid-template-columns:minmax(0,1fr)}
figure{container-type:inline-size;min-width:0}
figcaption{display:flex;flex-wrap:wrap;align-items:baseline;gap:0 .7em;margin:1.75rem 0 .5rem;color:var(--muted);font-size:.8125rem}
figcaption h3{margin:0;color:var(--ink)}
svg text{font-size:11px;fill:var(--muted);paint-order:stroke;stroke:var(--card);stroke-width:4px;stroke-linejoin:round}
.wf-row{display:grid;grid-template-columns:minmax(5rem,11rem) minmax(0,1fr) 4.6rem;align-items:center;column-gap:.8rem}
.wf-plot,.distribution{display:block;width:100%;overflow:visible}
.wf-name{display:flex;align-items:center;gap:.4em;min-width:0;line-height:1.25}.wf-name .icon{color:var(--tone)}
.wf-latency{text-align:right;white-space:nowrap;font-weight:600}
.wf-note{grid-column:2/-1;font-size:.8125rem;color:var(--tone,var(--muted));padding:0 0 .35rem}
.wf-row.is-skipped .wf-name,.wf-row.is-skipped .wf-latency{color:var(--muted);font-weight:400}
.grid{stroke:var(--line)}
@container (max-width:460px){.wf-row{grid-template-columns:minmax(0,1fr) auto}.wf-plot{grid-column:1/-1;grid-row:2}.wf-note{grid-column:1/-1}li.wf-row{padding-top:.35rem}.wf-axis span{display:none}}
.legend{display:flex;flex-wrap:wrap;gap:.15rem 1rem;margin-top:.6rem;font-size:.8125rem;color:var(--muted)}
.legend li{display:flex;align-items:center;gap:.4em}
.ph-dns{fill:var(--dns)}.ph-connect{fill:var(--connect)}.ph-tls{fill:var(--tls)}.ph-upgrade{fill:var(--upgrade)}.ph-firstByte{fill:var(--firstByte)}.ph-download{fill:var(--download)}.ph-firstFrame{fill:var(--firstFrame)}.ph-handshake{fill:var(--handshake)}.ph-close{fill:var(--close)}.ph-other{fill:var(--other)}
.distribution{padding:0}.anchor{overflow:visible}
.baseline,.tick{stroke:var(--muted)}.percentile{stroke:var(--ink);stroke-opacity:.55}.threshold{stroke:var(--accent);stroke-width:1.5;stroke-dasharray:4 3}
svg .percentile-label{fill:var(--ink)}svg .threshold-label{fill:var(--accent);font-weight:600}
.dot-good,.bar{fill:var(--firstByte)}.dot-tainted{fill:var(--card);stroke:var(--firstByte);stroke-width:1.5}.dot-failed{stroke:var(--fail);stroke-width:1.8;fill:none}.bar-failed{fill:var(--fail)}.range{fill:var(--other)}
.scroll{overflow-x:auto;margin:0 -1.5rem;padding:0 1.5rem}
table{border-collapse:collapse;width:100%;font-size:.875rem}
th,td{text-align:left;vertical-align:top;padding:.45rem 1.25rem .45rem 0;border-bottom:1px solid var(--line);font-weight:400}
th:last-child,td:last-child{padding-right:0}
thead th{color:var(--muted);font-size:.8125rem;white-space:nowrap;padding-top:0}
tbody th{min-width:7rem}tbody tr:last-child>*{border-bottom:0}
td.n,th.n{white-space:nowrap;text-align:right}td,th{overflow-wrap:break-word}tbody th.n{min-width:0}.mark,td code{white-space:nowrap}.actual code,.frame code{white-space:normal}.frame code{overflow-wrap:anywhere}td small{min-width:10rem}
.actual{min-width:10rem}.frame{min-width:18rem}.direction{white-space:nowrap}
.budget{display:block;width:100%;min-width:9rem}
.track{stroke:var(--line);stroke-width:2}.band{fill:var(--other);fill-opacity:.6}.limit{stroke:var(--accent);stroke-width:2}.within{fill:var(--pass)}.over{fill:var(--fail)}
.overview{padding-block:1rem}.overview tbody td,.overview tbody th{vertical-align:middle}.overview tbody th{font-weight:600}.because{min-width:16rem;color:var(--muted)}
.fault{margin-bottom:.6rem}
.exchange{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:1rem}
.message{background:var(--faint);border-radius:8px;padding:.75rem 1rem;min-width:0}
.line{margin-top:.2rem;font-weight:600}
.message dl{margin-top:.35rem;color:var(--muted)}.message dl div{display:flex;gap:.6em}.message dt::after{content:":"}.message dt{flex:none;max-width:50%}.message dd{color:var(--ink)}
pre{margin:.6rem 0 0;padding-top:.6rem;border-top:1px solid var(--line);max-height:22rem;overflow:auto;white-space:pre-wrap;unicode-bidi:isolate}
code{unicode-bidi:isolate}
.is-broken>*{background:var(--fail-bg)}.is-broken th{color:var(--fail);font-weight:600}.pointer{display:inline-block;margin-right:.5em;font-weight:700}
details{margin-top:1.75rem}summary{cursor:pointer;font-size:.9375rem;font-weight:600}details[open] summary{margin-bottom:.6rem}
.notes div{display:grid;grid-template-columns:7rem minmax(0,1fr);font-size:.875rem;padding:.15rem 0}.notes dt{color:var(--muted)}
footer{max-width:1200px;margin:0 auto;padding:1.25rem 1.5rem 2.5rem;color:var(--muted);font-size:.8125rem}
${SEQUENCE_STYLE}
@media (max-width:900px){.charts{grid-template-columns:minmax(0,1fr)}}
@media (max-width:640px){main{padding:1.25rem .75rem 0}.card{padding:1.1rem 1rem}.scroll{margin:0 -1rem;padding:0 1rem}.exchange{grid-template-columns:minmax(0,1fr)}
.figures{grid-template-columns:repeat(3,1fr)}.figures.is-one{grid-template-columns:1fr}.figures div:nth-child(4){padding-left:0;border-left:0}.figures dd{font-size:1rem}.notes div{grid-template-columns:6rem minmax(0,1fr)}footer{padding-inline:.75rem}
.overview th:nth-child(3),.overview td:nth-child(3),.overview th:nth-child(4),.overview td:nth-child(4),.overview th:nth-child(6),.overview td:nth-child(6),.overview th:nth-child(7),.overview td:nth-child(7){display:none}}
@media print{:root{color-scheme:light}body{background:#fff;font-size:10pt}main,footer{max-width:none;padding-inline:0}.card{break-inside:auto;border-color:#ccc}figure,tr,.message,.reasons{break-inside:avoid}h2,h3,figcaption{break-after:avoid}.scroll{overflow:visible}th,td{padding-right:.7rem;font-size:8.5pt}th,td,.because,.actual,.frame,td small{min-width:0;overflow-wrap:anywhere}.budget{min-width:4rem}details::details-content{content-visibility:visible}pre{max-height:none;overflow:visible}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`;
