import type { DrillReport } from '../../drill/report.ts';

/** The report as pretty JSON with a line feed at its end: the very document whose hash the next one carries. */
export const renderDrillJson = (report: DrillReport): string => `${JSON.stringify(report, null, 2)}\n`;
