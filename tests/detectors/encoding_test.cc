#include "detectors/encoding.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "detectors/counts/sparse_counts.h"

namespace detectors {
namespace {

TEST(Encoding, KeepsIntegersAtEveryPowerOfTwo) {
  for (int bit = 0; bit < 64; ++bit) {
    for (const std::uint64_t offset : {~std::uint64_t{0}, std::uint64_t{0}, std::uint64_t{1}}) {
      const std::uint64_t value = (std::uint64_t{1} << bit) + offset;
      Encoder out;
      out.Varint(value);
      out.Signed(static_cast<std::int64_t>(value));
      Decoder in(out.bytes());
      EXPECT_EQ(in.Varint(), value);
      EXPECT_EQ(in.Signed(), static_cast<std::int64_t>(value));
      EXPECT_TRUE(in.AtEnd());
    }
  }
}

TEST(Encoding, SmallNumbersOfEitherSignTakeOneByte) {
  Encoder out;
  out.Varint(127);
  out.Signed(-64);
  out.Signed(63);
  EXPECT_EQ(out.bytes().size(), 3);
}

TEST(Encoding, DoublesKeepEveryBit) {
  const double nan_with_payload = std::bit_cast<double>(std::uint64_t{0x7FF8000000000ABC});
  for (const double value : {0.0, -0.0, 1.5, -1e308, 5e-324, HUGE_VAL, -HUGE_VAL, nan_with_payload}) {
    Encoder out;
    out.Double(value);
    EXPECT_EQ(std::bit_cast<std::uint64_t>(Decoder(out.bytes()).Double()), std::bit_cast<std::uint64_t>(value));
  }
}

TEST(Encoding, BytesAreTheSameOnEveryMachine) {
  Encoder out;
  out.Byte(7);
  out.Varint(300);
  out.Double(1.0);
  out.Text("ab");
  EXPECT_EQ(out.bytes(), std::string("\x07\xAC\x02\0\0\0\0\0\0\xF0\x3F\x02"
                                     "ab",
                                     14));
}

TEST(Encoding, RefusesMalformedNumbersAndTexts) {
  EXPECT_THROW(Decoder("").Byte(), DecodeError);
  EXPECT_THROW(Decoder("\x80").Varint(), DecodeError);
  EXPECT_THROW(Decoder(std::string(11, '\x80')).Varint(), DecodeError);
  EXPECT_THROW(Decoder("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02").Varint(), DecodeError);
  EXPECT_THROW(Decoder("1234567").Double(), DecodeError);
  EXPECT_THROW(Decoder("\x05"
                       "abcd")
                   .Text(),
               DecodeError);
}

TEST(Encoding, ACountIsNeverMoreThanTheBytesThatAreLeft) {
  Encoder out;
  out.Varint(std::uint64_t{1} << 60);
  out.Text("some bytes");
  EXPECT_THROW(Decoder(out.bytes()).Count(std::numeric_limits<std::size_t>::max()), DecodeError);
  EXPECT_THROW(Decoder("\x05"
                       "abcde")
                   .Count(4),
               DecodeError);
  EXPECT_EQ(Decoder("\x05"
                    "abcde")
                .Count(5),
            5);
}

TEST(Encoding, NamesTheSummaryWhoseVersionIsUnknown) {
  try {
    Decoder("\x09").Version(1, "moments");
    FAIL();
  } catch (const DecodeError& error) {
    EXPECT_NE(std::string(error.what()).find("moments"), std::string::npos);
  }
}

TEST(SparseCounts, KeepCountsAndTakeTwoBytesForARunOfZeros) {
  std::vector<std::uint64_t> counts(256);
  counts[0] = 3;
  counts[100] = 1'000'000;
  Encoder out;
  EncodeSparse(counts, out);
  EXPECT_LE(out.bytes().size(), 1 + 2 + 3 + 3);
  std::vector<std::uint64_t> decoded(256, 9);
  Decoder in(out.bytes());
  EXPECT_EQ(DecodeSparse(in, decoded), 1'000'003);
  EXPECT_EQ(decoded, counts);
}

TEST(SparseCounts, RefuseRunsBeyondTheEndAndSumsBeyond64Bits) {
  std::vector<std::uint64_t> counts(4);
  Decoder too_long(std::string_view("\0\x04", 2));
  EXPECT_THROW(DecodeSparse(too_long, counts), DecodeError);
  Encoder out;
  out.Varint(~std::uint64_t{0});
  out.Varint(1);
  Decoder too_many(out.bytes());
  EXPECT_THROW(DecodeSparse(too_many, counts), DecodeError);
}

}  // namespace
}  // namespace detectors
