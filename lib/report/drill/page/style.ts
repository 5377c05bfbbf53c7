/** What the page of a drill has beyond the style sheet of all reports. A verdict's colours only where a verdict is: an outage is none. */
export const DRILL_STYLE = `
.dr-answer{margin-top:1rem;font-size:1.25rem;line-height:1.35;font-weight:600;letter-spacing:-.01em}
.dr-says{max-width:46rem;margin-top:.35rem}.dr-next{max-width:46rem;margin-top:.35rem;color:var(--muted)}
.verdict .pill{padding-block:.25em}
.dr-measures{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:1.5rem 3rem;margin-top:1rem}
.dr-measure h3{margin:0;display:flex;flex-wrap:wrap;gap:0 .6em;align-items:baseline}.dr-measure h3 span{font-weight:400;color:var(--muted);font-size:.8125rem}
.dr-value{font-size:1.625rem;font-weight:600;line-height:1.3;letter-spacing:-.02em;margin-top:.15rem}.dr-value.is-words{font-size:1.125rem;line-height:1.878;letter-spacing:0;font-weight:500;color:var(--muted)}
.dr-scale{display:block;width:100%;margin:.4rem 0 .2rem;overflow:hidden}.dr-scale .dr-sure{fill:var(--other);fill-opacity:.55}.dr-scale .dr-band{fill:var(--tone)}
.dr-against{display:flex;flex-wrap:wrap;justify-content:space-between;gap:0 1rem;font-size:.875rem}.dr-against span:first-child{color:var(--accent);font-weight:600}
.dr-figures{grid-template-columns:repeat(3,minmax(0,1fr));margin-top:1.5rem;border-bottom:0;margin-bottom:-.6rem}
.dr-figures dd{font-size:1rem}
.dr-lanes .dr-row{grid-template-columns:10.5rem minmax(0,1fr) 10rem}
.dr-lanes .wf-name,.dr-lanes .wf-latency{font-size:.875rem}.dr-lanes .wf-latency{font-weight:400}.dr-lanes .is-fail :is(.wf-name,.wf-latency){color:var(--fail);font-weight:600}
.dr-lanes .track{stroke-width:1}
.dr-states .wf-latency{display:grid;grid-template-columns:1fr 1fr}.dr-began{color:var(--muted)}
.dr-rule{stroke:var(--accent);stroke-dasharray:2 3}
.dr-asked{fill:var(--accent);stroke:var(--card);stroke-width:1.5}.dr-accepted{fill:var(--card);stroke:var(--accent);stroke-width:2}
.dr-good{fill:var(--firstByte)}.dr-bad,.dr-away{fill:var(--connect)}.dr-unsure{fill:var(--connect);fill-opacity:.4}.dr-old{fill:var(--other)}.dr-new{fill:var(--upgrade)}.dr-lost,.dr-abort{fill:var(--fail)}.dr-joined{fill:var(--download)}.dr-told{fill:var(--ink)}
.dr-cell rect+rect{stroke:var(--card);stroke-width:1}.dr-cell.is-close rect+rect{stroke-width:0}
.dr-prepare{fill:var(--other)}.dr-restart{fill:var(--connect)}.dr-verify{fill:var(--firstByte)}.dr-tidy{fill:var(--download)}
.dr-fates{display:grid;grid-template-columns:repeat(4,minmax(0,1fr));margin-top:1rem;border-top:1px solid var(--line)}
.dr-fates div{padding:.6rem 1rem .7rem;border-bottom:1px solid var(--line);border-left:1px solid var(--line)}.dr-fates div:nth-child(4n+1){padding-left:0;border-left:0}.dr-fates div:nth-last-child(-n+4){border-bottom:0;padding-bottom:0}
.dr-fates dt{font-size:.8125rem;color:var(--muted)}.dr-fates dd{font-size:1.25rem;font-weight:600;line-height:1.35}.dr-fates .mark{display:flex}.dr-fates .icon{font-size:.9em}.dr-fates small{line-height:1.35}
.dr-fates .is-fail{--tone:var(--fail)}
.dr-ids{display:grid;gap:.2rem;margin-top:.4rem}.dr-ids code{overflow-wrap:anywhere}
.dr-more{margin-top:.5rem}.dr-more summary{font-size:.875rem;color:var(--accent)}
.dr-findings{margin-top:1rem;display:grid;gap:.75rem}
.dr-finding{display:grid;grid-template-columns:auto minmax(0,1fr);gap:.75rem;padding:.85rem 1rem;border-radius:8px;background:var(--tint)}.dr-finding>.icon{color:var(--tone);font-size:1.15rem;margin-top:.1rem}
.dr-finding h3{margin:0;color:var(--ink)}.dr-finding p{margin-top:.15rem;font-size:.875rem}.dr-area{font-weight:600;margin-right:.7em;color:var(--tone)}
.dr-held{margin-top:1.25rem}.dr-held>div{display:grid;grid-template-columns:7rem minmax(0,1fr);padding:.55rem 0;border-top:1px solid var(--line)}.dr-held>div:last-child{padding-bottom:0}.dr-held dt{color:var(--muted);font-size:.875rem}
.dr-held ul{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(24rem,100%),1fr));gap:.45rem 1.5rem}.dr-held li{display:grid;grid-template-columns:auto minmax(0,1fr);gap:.55rem;font-size:.875rem;line-height:1.4}.dr-held .icon{color:var(--pass);margin-top:.2em}
.dr-notes{margin-top:.75rem}.dr-notes+.dr-identities{margin-top:1.25rem}.dr-identities td,.dr-identities th{white-space:nowrap}.dr-identities tbody th{min-width:0}.dr-identities code{display:inline-block;max-width:22rem;white-space:normal;overflow-wrap:anywhere}
.dr-notes dd .mark{white-space:normal}
.dr-when{color:var(--muted)}
.dr-lead{margin:.1rem 0 .6rem}.dr-list{display:grid;gap:.4rem}.dr-list li{padding-left:1.1rem;position:relative}.dr-list li::before{content:"–";position:absolute;left:0;color:var(--muted)}
@container (max-width:460px){.dr-lanes .dr-row{grid-template-columns:minmax(0,1fr) auto}.dr-lanes li.dr-row{padding-top:.3rem}.dr-states .wf-latency{grid-template-columns:auto auto;gap:.9rem}.dr-states .wf-plot{height:18px}.dr-states .wf-plot g{transform:translateY(-3px)}}
@media (max-width:640px){.dr-measures{grid-template-columns:minmax(0,1fr)}.dr-figures{grid-template-columns:minmax(0,1fr)}.dr-figures div{display:flex;justify-content:space-between;gap:1rem;padding:.4rem 0;border-left:0}.dr-figures div+div{border-top:1px solid var(--line)}
.dr-fates{grid-template-columns:repeat(2,minmax(0,1fr))}.dr-fates div:nth-child(2n+1){padding-left:0;border-left:0}.dr-fates div:nth-last-child(-n+4){border-bottom:1px solid var(--line);padding-bottom:.7rem}.dr-fates div:nth-last-child(-n+2){border-bottom:0;padding-bottom:0}
.dr-held>div{grid-template-columns:minmax(0,1fr);gap:.35rem}}
@media print{.dr-finding{break-inside:avoid}}
`;
