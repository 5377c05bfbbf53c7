/** The look of sequence diagrams. The lines of a row lie under its texts, which have the ground of the row behind them. */
export const SEQUENCE_STYLE = `
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.sq-row{--under:var(--card);--at:8.75rem;--step:10.5rem;position:relative;display:grid;grid-template-columns:var(--at) minmax(0,1fr) var(--step);min-height:36px;background:var(--under);border-radius:6px;scroll-margin-top:5rem}
.sq-at{display:flex;justify-content:space-between;gap:.6rem;padding:.35rem .9rem 0 .5rem;font-size:.8125rem;line-height:1.3;white-space:nowrap}.sq-at b{color:var(--muted);font-weight:400}
.sq-lines{position:absolute;top:0;left:calc(var(--at) + 4px);width:calc(100% - var(--at) - var(--step) - 8px);height:100%;overflow:visible;pointer-events:none}
.sq-said{grid-column:2;position:relative;display:flex;align-items:baseline;gap:.5rem;min-width:0;height:22px;padding:2px 14px 0;line-height:18px;justify-self:start;max-width:100%}
.sq-text{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;font-size:.8125rem;white-space:nowrap;overflow:hidden;text-overflow:ellipsis;background:var(--under);unicode-bidi:isolate;min-width:0}
.sq-opens{flex:none;max-width:min(20rem,42cqi);overflow:hidden;text-overflow:ellipsis;white-space:nowrap;font-size:.75rem;font-weight:600;color:var(--accent);background:var(--faint);border-radius:4px;padding:0 .45em}
.sq-step{grid-column:3;padding:.35rem .5rem 0 .9rem;font-size:.8125rem;line-height:1.3;color:var(--muted);white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.sq-note{grid-column:2;position:relative;display:flex;gap:.5em;align-items:baseline;margin:.7rem 14px .5rem;padding:0 0 0 2px;font-size:.875rem;color:var(--fail);background:var(--under)}.sq-note .icon{align-self:start;margin-top:.2em}
.sq-life{stroke:var(--other);stroke-width:1.5}.sq-life.is-between{stroke-dasharray:2 5}
.sq-shaft{stroke:var(--ink);stroke-width:1.25}.sq-head,.sq-cross{fill:none;stroke:var(--ink);stroke-width:1.5;stroke-linecap:round;stroke-linejoin:round}.sq-dot{fill:var(--under);stroke:var(--accent);stroke-width:2}
.is-in .sq-shaft,.is-in .sq-head{stroke:var(--accent)}.is-life .sq-shaft{stroke:var(--other);stroke-dasharray:1 4}.is-life .sq-text,.is-elided .sq-text,.is-aside .sq-text{color:var(--muted)}
.is-aside .sq-shaft,.is-aside .sq-head{stroke:var(--muted)}
.is-elided{min-height:26px}.is-elided .sq-life{stroke-dasharray:2 5}
.is-named{--under:var(--faint)}
.sq-row.is-fail{--under:var(--fail-bg)}.is-fail .sq-shaft,.is-fail .sq-head,.is-fail .sq-cross,.is-fail .sq-dot{stroke:var(--fail);stroke-width:2}.is-missing .sq-shaft{stroke-dasharray:6 5}.sq-row.is-fail :is(.sq-at b,.sq-step,.sq-text){color:var(--fail)}.is-fail .sq-at{color:var(--fail);font-weight:600}
.sq-heads{min-height:40px;border-bottom:1px solid var(--line);border-radius:0;margin-bottom:4px}.sq-heads :is(.sq-at,.sq-step){align-self:end;padding-bottom:.35rem;color:var(--muted)}.sq-heads text{font-weight:600;fill:var(--ink);font-size:12px}
@container (max-width:640px){.sq-row{--at:4.4rem;--step:0rem;grid-template-columns:var(--at) minmax(0,1fr)}.sq-at{flex-direction:column;justify-content:flex-start;gap:0;grid-row:1/span 2;padding:.2rem .6rem 0 .25rem;text-align:right}.sq-step{grid-column:2;position:relative;justify-self:start;max-width:calc(100% - 28px);padding:0 2px;margin:.45rem 12px .35rem;background:var(--under)}.sq-heads .sq-step,.sq-heads .sq-at b{display:none}.sq-note{margin-inline:12px}.is-missing .sq-step{display:none}}
.soak{margin-bottom:.75rem}.soak-failures{margin:1.25rem 0 .5rem}
@media print{.sq-row{break-inside:avoid}}
`;
