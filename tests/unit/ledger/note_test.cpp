#include "ledger/note.h"

#include <gtest/gtest.h>

#include <string>

#include "base/encoding.h"
#include "ledger/checkpoint.h"

namespace bulwark::ledger {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kVkey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const std::string kNote =
    "This is an example message.\n\n— example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

crypto::PrivateKey key() {
  return crypto::PrivateKey::generate(crypto::KeyType::Ed25519).value();
}

NoteKey verifier(const crypto::Signer& signer, std::string_view name, KeyKind kind = KeyKind::Ed25519) {
  return NoteKey::make(name, kind, signer.public_key()).value();
}

TEST(Note, ExampleOfTheSpecificationVerifies) {
  const auto known = NoteKey::parse(kVkey);
  ASSERT_TRUE(known) << known.error().message;
  EXPECT_EQ(known->vkey(), kVkey);
  const auto note = parse_note(kNote);
  ASSERT_TRUE(note) << note.error().message;
  EXPECT_EQ(note->text, "This is an example message.\n");
  EXPECT_EQ(to_text(*note), kNote);
  EXPECT_TRUE(verify(*note, {&*known, 1}));
}

TEST(Note, ChangedTextDoesNotVerify) {
  const auto known = NoteKey::parse(kVkey);
  std::string changed = kNote;
  changed[0] = 't';
  const auto note = parse_note(changed);
  ASSERT_TRUE(note);
  const auto verified = verify(*note, {&*known, 1});
  ASSERT_FALSE(verified);
  EXPECT_EQ(verified.error().code, Code::Corrupt);
}

TEST(Note, WhatIsNotANoteIsRefused) {
  for (const std::string& text :
       {std::string(), std::string("text\n"), std::string("text\n\n"),
        std::string("text\n\n— name AAAAAAA=\n\n"), kNote.substr(0, kNote.size() - 1), kNote + "x",
        kNote + "\n", "a\tb" + kNote, "\xFF" + kNote, std::string("text\n\n- name AAAAAAAA\n"),
        std::string("text\n\n— name\n"), std::string("text\n\n— na+me AAAAAAAA\n"),
        std::string("text\n\n— na\xC2\xA0me AAAAAAAA\n"), std::string("text\n\n—  AAAAAAAA\n"),
        std::string("text\n\n— name AAAA\n"), std::string("text\n\n— name AAAAAA==\n"),
        std::string("text\n\n— name AAAAAAB=\n"), std::string("text\n\n— name AAAAAAAA\r\n"),
        std::string("text\n\n— name AAAAAAAA \n")})
    EXPECT_FALSE(parse_note(text)) << text;
  EXPECT_TRUE(parse_note("text\n\n— name AAAAAAA=\n"));
}

TEST(Note, TextMayHoldEmptyLines) {
  const auto note = parse_note("one\n\ntwo\n\n— name AAAAAAA=\n");
  ASSERT_TRUE(note);
  EXPECT_EQ(note->text, "one\n\ntwo\n");
}

TEST(Note, SignaturesOfStrangersAreKeptAndPassedOver) {
  const auto mine = key();
  const std::string text = "hello\n";
  Note note{.text = text, .signatures = {}};
  note.signatures.push_back({.name = "somebody", .key_id = 7, .bytes = {1, 2, 3}});
  note.signatures.push_back(sign_note("me", mine, text).value());
  note.signatures.push_back({.name = "me", .key_id = 8, .bytes = {9}});
  const NoteKey known = verifier(mine, "me");
  EXPECT_TRUE(verify(note, {&known, 1}));
  EXPECT_EQ(parse_note(to_text(note)).value(), note);
  // The same key by another name is another signer.
  const NoteKey other = verifier(mine, "you");
  EXPECT_FALSE(verify(note, {&other, 1}));
}

TEST(Note, OneBadSignatureOfAKnownKeyRefusesTheNote) {
  const auto mine = key();
  const auto yours = key();
  Note note{.text = "hello\n", .signatures = {}};
  note.signatures.push_back(sign_note("me", mine, note.text).value());
  note.signatures.push_back(sign_note("you", yours, note.text).value());
  const std::vector<NoteKey> keys{verifier(mine, "me"), verifier(yours, "you")};
  EXPECT_EQ(verify(note, keys).value().size(), 2U);
  note.signatures[1].bytes[5] ^= 1;
  EXPECT_FALSE(verify(note, keys));
}

TEST(Note, RepeatedSignaturesCountOnce) {
  const auto mine = key();
  Note note{.text = "hello\n", .signatures = {}};
  note.signatures.push_back(sign_note("me", mine, note.text).value());
  note.signatures.push_back(note.signatures.front());
  const NoteKey known = verifier(mine, "me");
  EXPECT_EQ(verify(note, {&known, 1}).value().size(), 1U);
}

TEST(Note, CosignatureCoversItsTime) {
  const auto witness = key();
  const Seconds time{1'679'315'147s};
  Note note{.text = "example.com/log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", .signatures = {}};
  note.signatures.push_back(cosign("witness", witness, time, note.text).value());
  const NoteKey known = verifier(witness, "witness", KeyKind::Cosignature);
  const auto verified = verify(note, {&known, 1});
  ASSERT_TRUE(verified);
  EXPECT_EQ(verified->front().time, time);
  // The same key as a plain signer has another id.
  const NoteKey plain = verifier(witness, "witness");
  EXPECT_NE(plain.id(), known.id());
  EXPECT_FALSE(verify(note, {&plain, 1}));
  note.signatures.front().bytes[7] ^= 1;
  EXPECT_FALSE(verify(note, {&known, 1}));
}

TEST(Note, LimitsAreSaid) {
  const auto mine = key();
  Note note{.text = "hello\n", .signatures = {}};
  note.signatures.assign(16, sign_note("me", mine, note.text).value());
  EXPECT_TRUE(parse_note(to_text(note)));
  note.signatures.assign(101, note.signatures.front());
  const auto many = parse_note(to_text(note));
  ASSERT_FALSE(many);
  EXPECT_EQ(many.error().code, Code::LimitReached);
  EXPECT_EQ(parse_note(std::string(1'000'001, 'x')).error().code, Code::LimitReached);
}

TEST(NoteKey, WrongVerifierKeysAreRefused) {
  for (const std::string& vkey :
       {std::string(), std::string("name"), std::string("name+530d903a"),
        std::string("example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"),
        std::string("example.com/bar+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"),
        std::string("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U"),
        std::string("example.com/foo+530d903a+CekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"),
        std::string("example.com/foo+530d903a+")})
    EXPECT_FALSE(NoteKey::parse(vkey)) << vkey;
}

TEST(Checkpoint, IsReadStrictly) {
  const std::string root = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
  EXPECT_TRUE(parse_checkpoint("log\n0\n" + root + "\n"));
  EXPECT_EQ(parse_checkpoint("log\n12\n" + root + "\nmore\n").value().extensions.size(), 1U);
  for (const std::string& text :
       {std::string(), "log\n0\n" + root, "\n0\n" + root + "\n", "log\n\n" + root + "\n",
        "log\n00\n" + root + "\n", "log\n-1\n" + root + "\n", "log\n18446744073709551616\n" + root + "\n",
        std::string("log\n0\nAAAA\n"), "log\n0\n" + root + "\n\n", std::string("log\n0\n")})
    EXPECT_FALSE(parse_checkpoint(text)) << text;
}

TEST(Checkpoint, TextComesBack) {
  const Checkpoint checkpoint{
      .origin = "example.com/log", .size = 7, .root = leaf_hash({}), .extensions = {"x"}};
  EXPECT_EQ(parse_checkpoint(to_text(checkpoint)).value(), checkpoint);
}

TEST(Checkpoint, OfAnotherLogIsDenied) {
  const auto mine = key();
  const Checkpoint checkpoint{.origin = "a", .size = 0, .root = empty_root(), .extensions = {}};
  Note note{.text = to_text(checkpoint), .signatures = {}};
  note.signatures.push_back(sign_note("a", mine, note.text).value());
  const auto parsed = parse_signed_checkpoint(to_text(note));
  ASSERT_TRUE(parsed);
  const NoteKey known = verifier(mine, "a");
  EXPECT_TRUE(verify_checkpoint(*parsed, "a", {&known, 1}));
  EXPECT_EQ(verify_checkpoint(*parsed, "b", {&known, 1}).error().code, Code::Denied);
}

}  // namespace
}  // namespace bulwark::ledger
