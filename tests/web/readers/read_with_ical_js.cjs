// Prints what ical.js sees in the calendar on stdin; usage: node read_with_ical_js.cjs FOLDER_OF_NODE_MODULES
const { createRequire } = require("node:module");
const { readFileSync } = require("node:fs");
const found = createRequire(process.argv[2] + "/")("ical.js");
const ICAL = found.default || found;
const seen = {};
for (const one of new ICAL.Component(ICAL.parse(readFileSync(0, "utf8"))).getAllSubcomponents()) {
  const value = (name) => one.getFirstPropertyValue(name);
  const day = value(one.name === "vevent" ? "dtstart" : "due");
  seen[value("uid")] = [value("summary"), value("description") || "", day.toString(), value("status")];
}
process.stdout.write(JSON.stringify(seen));
