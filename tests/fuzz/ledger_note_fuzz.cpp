// Notes, checkpoints and verifier keys: what is accepted has one spelling and comes back as it was.

#include <cstdlib>

#include "ledger/checkpoint.h"
#include "ledger/note.h"

using namespace bulwark;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = text_of(Bytes(data, size));
  if (const auto note = ledger::parse_note(text); note && ledger::to_text(*note) != text) std::abort();
  if (const auto checkpoint = ledger::parse_checkpoint(text);
      checkpoint && ledger::to_text(*checkpoint) != text)
    std::abort();
  (void)ledger::parse_signed_checkpoint(text);
  (void)ledger::parse_signature_lines(text);
  if (const auto key = ledger::NoteKey::parse(text);
      key && ledger::NoteKey::parse(key->vkey())->id() != key->id())
    std::abort();
  return 0;
}
