/** What was thrown, in a line. */
export const describeFault = (fault: unknown): string => (fault instanceof Error ? fault.message : String(fault));
