const BROWSERS = [
  [/\bEdg(e|A|iOS)?\//, "Edge"],
  [/\bOPR\//, "Opera"],
  [/\bFirefox\//, "Firefox"],
  [/\b(Headless)?Chrom(e|ium)\/|CriOS\//, "Chrome"],
  [/\bSafari\//, "Safari"],
  [/^python-requests\//, "Command line"],
];
const SYSTEMS = [
  [/\bAndroid\b/, "Android"],
  [/\b(iPhone|iPad)\b/, "iOS"],
  [/\bWindows\b/, "Windows"],
  [/\bMac OS X\b/, "macOS"],
  [/\bLinux\b/, "Linux"],
];

/** What a person calls a browser that called itself `agent`. @param {string} agent */
export function agentName(agent) {
  const browser = BROWSERS.find(([expression]) => expression.test(agent))?.[1];
  const system = SYSTEMS.find(([expression]) => expression.test(agent))?.[1];
  if (!browser) return agent ? agent.slice(0, 40) : "Unknown";
  return system ? `${browser} on ${system}` : browser;
}
