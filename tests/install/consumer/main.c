#include <bulwark.h>
#include <string.h>

int main(void) {
  char* json = NULL;
  const char hostile[] = "cos\nsystem\n(S'true'\ntR.";
  const int result = bulwark_scan_buffer(hostile, sizeof hostile - 1, "sample.pkl", NULL, &json);
  const int named = json != NULL && strstr(json, "sample.pkl") != NULL;
  bulwark_free(json);
  return result == BULWARK_REFUSED && named ? 0 : 1;
}
