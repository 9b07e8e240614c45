// The C API from C: verdicts, options, errors, and many threads at once.
#include <bulwark.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static int failures = 0;

static void expect(int holds, const char* what) {
  if (holds) return;
  ++failures;
  fprintf(stderr, "failed: %s\n", what);
}

// c os \n system \n ( S 'true' \n t R . : calls os.system when it is loaded.
static const char kHostile[] = "cos\nsystem\n(S'true'\ntR.";
// 16 bytes that are nobody's format.
static const char kHarmless[] = "just some bytes";

static void scan(const char* what, const char* data, size_t size, const char* options, int result,
                 const char* text) {
  char* json = NULL;
  const int got = bulwark_scan_buffer(data, size, "sample", options, &json);
  expect(got == result, what);
  expect(json != NULL && strstr(json, text) != NULL, what);
  if (got != result && json != NULL) fprintf(stderr, "%d: %s\n", got, json);
  bulwark_free(json);
}

static void* scan_often(void* unused) {
  for (int i = 0; i < 50; ++i) {
    char* json = NULL;
    bulwark_scan_buffer(kHarmless, sizeof kHarmless - 1, NULL, "{\"deep\": true}", &json);
    bulwark_free(json);
  }
  return unused;
}

int main(void) {
  expect(strchr(bulwark_version(), '.') != NULL, "a version has a dot");
  scan("harmless bytes are accepted", kHarmless, sizeof kHarmless - 1, NULL, BULWARK_ACCEPTED,
       "\"findings\"");
  scan("a hostile pickle is refused", kHostile, sizeof kHostile - 1, NULL, BULWARK_REFUSED, "BW-PKL-001");
  scan("nothing at all is accepted", NULL, 0, NULL, BULWARK_ACCEPTED, "\"gaps\"");
  scan("missing data is a wrong use", NULL, 1, NULL, BULWARK_USAGE, "error");
  scan("a misspelt option is a wrong use", kHarmless, 4, "{\"depe\": true}", BULWARK_USAGE, "depe");
  scan("options that are no JSON are a wrong use", kHarmless, 4, "deep", BULWARK_USAGE, "error");
  scan("a wrong type is a wrong use", kHarmless, 4, "{\"time_ms\": \"long\"}", BULWARK_USAGE, "time_ms");
  expect(bulwark_scan_buffer(kHarmless, 4, NULL, NULL, NULL) == BULWARK_ACCEPTED,
         "the report need not be wanted");
  bulwark_free(NULL);

  pthread_t threads[8];
  for (int i = 0; i < 8; ++i)
    expect(pthread_create(&threads[i], NULL, scan_often, NULL) == 0, "a thread starts");
  for (int i = 0; i < 8; ++i) pthread_join(threads[i], NULL);
  return failures == 0 ? 0 : 1;
}
