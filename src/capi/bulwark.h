#pragma once
// Bulwark for every language that can call C: scan a buffer, get JSON.
//
// Any number of threads may call at once. No call keeps state, touches the disk or the network, or throws.

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// What a scan came to; the same numbers as the exit codes of `bulwark scan`.
enum bulwark_result {
  BULWARK_ACCEPTED = 0,    // looked at completely, and nothing that refuses
  BULWARK_REFUSED = 1,     // at least one finding refuses
  BULWARK_INCOMPLETE = 2,  // nothing refuses, but something could not be looked at
  BULWARK_USAGE = 3,       // an argument or the options are wrong
  BULWARK_INTERNAL = 4     // out of memory or a defect of Bulwark: treat as refused
};

// Scans `size` bytes at `data`, which are only read. `name`: how messages call them, UTF-8; null: "buffer".
// It never decides what the bytes are. `options`: null or a JSON object with any of
//   "deep": true           search every byte of large weights
//   "trace": true          keep decompiled programs
//   "fail_on": "medium"    severity from which on a finding refuses; "high" if absent
//   "time_ms": 30000       wall time for the scan
//   "held_bytes": 1048576  memory for unpacked content
// `json`: receives a NUL-terminated text that bulwark_free() must free: the report in the schema of
// `bulwark scan --format json`, or {"error": "…"} for BULWARK_USAGE and BULWARK_INTERNAL. May be null. It is
// set to null if there is no memory.
int bulwark_scan_buffer(const void* data, size_t size, const char* name, const char* options, char** json);

// Frees what bulwark_scan_buffer() handed out; null is fine.
void bulwark_free(char* json);

// "0.1.0"; lives for ever.
const char* bulwark_version(void);

#ifdef __cplusplus
}
#endif
