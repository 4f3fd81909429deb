#include "pipeline/read/digest.h"

#include <gtest/gtest.h>

#include <string>

namespace dinsd {
namespace {

std::span<const std::byte> Bytes(const std::string& text) {
  return std::as_bytes(std::span(text));
}

TEST(Digest, IsThatOfTheStandardsExample) {  // FIPS 180-4's own, of "abc"
  EXPECT_EQ(Sha256Hex(Bytes("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Digest, PieceByPieceIsTheSame) {
  std::string text;
  RunningSha256 running;
  EXPECT_EQ(running.Hex(), Sha256Hex({}));
  for (std::size_t length = 0; length < 300; ++length) {
    const std::string piece(length, static_cast<char>(length));
    running.Add(Bytes(piece));
    text += piece;
    ASSERT_EQ(running.Hex(), Sha256Hex(Bytes(text))) << "after " << text.size() << " bytes";
  }
}

}  // namespace
}  // namespace dinsd
