# Prints what Ruby's icalendar sees in the calendar on stdin.
require "icalendar"
require "json"
require "stringio"
Encoding.default_external = Encoding::UTF_8
seen = {}
Icalendar::Calendar.parse($stdin.read).each do |calendar|
  (calendar.events + calendar.todos).each do |one|
    day = one.is_a?(Icalendar::Event) ? one.dtstart : one.due
    seen[one.uid.to_s] = [one.summary.to_s, one.description.to_s, day.strftime("%Y-%m-%d"), one.status.to_s]
  end
end
puts JSON.generate(seen)
