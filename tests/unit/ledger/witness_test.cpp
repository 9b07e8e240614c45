#include "ledger/witness.h"

#include <gtest/gtest.h>

#include "ledger/log.h"
#include "ledger/tile_reader.h"
#include "support/ledger.h"
#include "support/world.h"

namespace bulwark::ledger {
namespace {

// A log, a witness that knows it, and what they say to each other.
class WitnessTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(Log::create(files, "log", "example.com/log", log_key));
    ASSERT_TRUE(create_witness(files, "witness", "w.example", witness_private.public_key()));
    ASSERT_TRUE(add_witnessed_log(files, "witness", NoteKey::parse(vkey()).value()));
  }

  [[nodiscard]] std::string vkey() { return Folder(files, "log").key().value().vkey(); }

  void append(int count) {
    const auto log = Log::open(files, "log", log_key).value();
    for (int i = 0; i < count; ++i) ASSERT_TRUE(log->append(bytes_of("entry " + std::to_string(i))));
  }

  WitnessRequest request(std::uint64_t old_size) {
    WitnessRequest made{
        .old_size = old_size, .proof = {}, .checkpoint = read_checkpoint(files, "log/checkpoint").value()};
    if (old_size > 0 && old_size <= made.checkpoint.checkpoint.size) {
      TileReader reader(files, "log", made.checkpoint.checkpoint.size);
      made.proof = reader.consistency(old_size).value();
    }
    return made;
  }

  WitnessResponse ask(const WitnessRequest& asked) { return ask(to_text(asked)); }
  WitnessResponse ask(const std::string& text) {
    auto response = answer(files, "witness", witness_private, clock, text);
    EXPECT_TRUE(response) << response.error().message;
    return response ? *response : WitnessResponse{.status = 500, .body = {}, .why = {}};
  }

  // A checkpoint that the log's key has signed, of any content.
  SignedCheckpoint signed_by_log(std::uint64_t size, const Hash& root) {
    SignedCheckpoint made{
        .checkpoint = {.origin = "example.com/log", .size = size, .root = root, .extensions = {}},
        .note = {}};
    made.note.text = to_text(made.checkpoint);
    made.note.signatures.push_back(sign_note("example.com/log", log_key, made.note.text).value());
    return made;
  }

  test::MemoryFileSystem files;
  test::SteppingWallClock clock;
  test::MemorySigner log_key;
  crypto::PrivateKey witness_private = crypto::PrivateKey::generate(crypto::KeyType::Ed25519).value();
};

TEST_F(WitnessTest, SignsWhatContinuesTheLog) {
  append(3);
  const WitnessResponse first = ask(request(0));
  ASSERT_EQ(first.status, 200) << first.why;
  const NoteKey witness = witness_key(files, "witness").value();
  const auto cosigned = add_cosignatures(request(0).checkpoint, first.body, {&witness, 1});
  ASSERT_TRUE(cosigned) << cosigned.error().message;
  EXPECT_EQ(verify(cosigned->note, {&witness, 1}).value().size(), 1U);
  append(300);
  EXPECT_EQ(ask(request(3)).status, 200);
  EXPECT_EQ(ask(request(303)).status, 200);  // the same again
}

TEST_F(WitnessTest, AnswersWithTheSizeThatItKnows) {
  append(5);
  ASSERT_EQ(ask(request(0)).status, 200);
  append(5);
  for (const std::uint64_t old_size : {0U, 4U, 6U, 10U}) {
    const WitnessResponse response = ask(request(old_size));
    EXPECT_EQ(response.status, 409) << old_size;
    EXPECT_EQ(response.body, "5\n");
  }
}

TEST_F(WitnessTest, RefusesARollBack) {
  append(5);
  const WitnessRequest old = request(0);
  append(5);
  ASSERT_EQ(ask(request(0)).status, 200);
  const WitnessResponse response = ask(old);
  EXPECT_EQ(response.status, 409);
  EXPECT_EQ(response.body, "10\n");
}

TEST_F(WitnessTest, RefusesAFork) {
  append(5);
  ASSERT_EQ(ask(request(0)).status, 200);
  EXPECT_EQ(ask({.old_size = 5, .proof = {}, .checkpoint = signed_by_log(5, leaf_hash({}))}).status, 409);
  EXPECT_EQ(ask({.old_size = 5, .proof = Proof(3), .checkpoint = signed_by_log(6, leaf_hash({}))}).status,
            422);
  append(2);
  WitnessRequest changed = request(5);
  changed.proof.front()[0] ^= 1;
  EXPECT_EQ(ask(changed).status, 422);
  EXPECT_EQ(ask(request(5)).status, 200);
}

TEST_F(WitnessTest, RefusesInTheOrderOfTheSpecification) {
  append(2);
  EXPECT_EQ(ask(std::string("nonsense")).status, 400);
  EXPECT_EQ(ask("old 00\n\n" + to_text(request(0).checkpoint.note)).status, 400);
  EXPECT_EQ(ask("old -1\n\n" + to_text(request(0).checkpoint.note)).status, 400);
  EXPECT_EQ(ask("old 1" + to_text(request(0)).substr(5)).status, 409);
  WitnessRequest unknown = request(0);
  unknown.checkpoint.note.text.replace(0, 11, "example.org");
  EXPECT_EQ(ask(unknown).status, 404);
  WitnessRequest unsigned_one = request(0);
  unsigned_one.checkpoint.note.signatures.front().bytes[3] ^= 1;
  EXPECT_EQ(ask(unsigned_one).status, 403);
  unsigned_one.old_size = 99;  // before the size is looked at
  EXPECT_EQ(ask(unsigned_one).status, 403);
  WitnessRequest above = request(0);
  above.old_size = 3;
  EXPECT_EQ(ask(above).status, 400);
  WitnessRequest with_proof = request(0);
  with_proof.proof = Proof(1);
  EXPECT_EQ(ask(with_proof).status, 422);
  EXPECT_EQ(ask({.old_size = 0, .proof = {}, .checkpoint = signed_by_log(0, leaf_hash({}))}).status, 422);
  WitnessRequest long_proof = request(0);
  long_proof.proof = Proof(64);
  EXPECT_EQ(ask(long_proof).status, 400);
  EXPECT_EQ(ask(request(0)).status, 200);
}

TEST_F(WitnessTest, DoesNotStartAnewWithoutItsMemory) {
  append(2);
  ASSERT_EQ(ask(request(0)).status, 200);
  for (const std::string& path : files.all_files())
    if (path.ends_with(".latest")) files.set_content(path, bytes_of("garbage"));
  EXPECT_FALSE(answer(files, "witness", witness_private, clock, to_text(request(0))));
}

TEST_F(WitnessTest, IsOpenedWithItsOwnKeyOnly) {
  append(2);
  EXPECT_EQ(answer(files, "witness", log_key, clock, to_text(request(0))).error().code, Code::Denied);
  EXPECT_EQ(answer(files, "nowhere", log_key, clock, to_text(request(0))).error().code, Code::NotFound);
}

TEST_F(WitnessTest, SignaturesOfStrangersAreNotTakenOver) {
  append(2);
  const auto response = ask(request(0));
  const NoteKey stranger = NoteKey::make("w.example", KeyKind::Cosignature, log_key.public_key()).value();
  EXPECT_FALSE(add_cosignatures(request(0).checkpoint, response.body, {&stranger, 1}));
}

TEST_F(WitnessTest, RequestComesBackAsItWas) {
  append(9);
  const WitnessRequest made = request(3);
  EXPECT_EQ(parse_request(to_text(made)).value(), made);
}

}  // namespace
}  // namespace bulwark::ledger
