-- Requests the paths in the file named by PATHS, one after the other, again and again.

local paths = {}
for line in io.lines(os.getenv("PATHS")) do
  paths[#paths + 1] = line
end

local last = 0

wrk.headers["Accept-Encoding"] = "gzip"

request = function()
  last = last % #paths + 1
  return wrk.format("GET", paths[last])
end

done = function(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\n{"per_second": %f, "p50": %f, "p99": %f, "answers": %d, "bad": %d}\n',
    summary.requests / (summary.duration / 1e6), latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    summary.requests, errors.status + errors.connect + errors.read + errors.write + errors.timeout))
end
