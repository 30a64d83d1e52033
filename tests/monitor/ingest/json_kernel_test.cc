// What the kernels read is what the general reader reads, bit for bit, and they leave alone what is nothing for them.
//
// NUMBERS=30000000 in the environment tries more random numbers than the default suite has time for.
#include "monitor/ingest/json/json_kernel.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>

#include "baselines/values/value_text.h"
#include "detectors/processor.h"
#include "monitor/ingest/json/json_avx2.h"

namespace monitor {
namespace {

// Calls test(kernel of this processor) and test(plain twin) for a message.
template <class Test>
void WithKernels(const PaddedMessage& message, const Test& test) {
#if defined(__x86_64__)
  if (detectors::HasAvx2()) test(Avx2Kernel(message));
#endif
  test(PortableKernel(message));
}

std::string RandomNumber(std::mt19937_64& random) {
  char text[96];
  const double scale = std::pow(10.0, static_cast<double>(random() % 12));
  const double number = (static_cast<double>(random() >> 11) * 0x1p-53 - (random() % 2 == 0 ? 0.5 : 0)) * scale;
  switch (random() % 6) {
    case 0:
      std::snprintf(text, sizeof text, "%.17g", number);
      break;
    case 1:
      std::snprintf(text, sizeof text, "%.17g", number / 1e7);
      break;
    case 2:
      std::snprintf(text, sizeof text, "%lld", static_cast<long long>(random() >> random() % 64));
      break;
    case 3:
      std::snprintf(text, sizeof text, "%.*f", static_cast<int>(random() % 26),
                    std::bit_cast<double>(random()) > 0 ? number : -number);
      break;
    default:
      std::snprintf(text, sizeof text, "%.*f", static_cast<int>(random() % 10), number);
  }
  return text;
}

TEST(JsonKernelTest, NumbersAreThoseOfTheGeneralWayBitForBit) {
  const char* const wanted = std::getenv("NUMBERS");
  const long trials = wanted == nullptr ? 1'000'000 : std::atol(wanted);
  std::mt19937_64 random(13);
  PaddedMessage message;
  long taken = 0, asked = 0;
  for (long trial = 0; trial < trials; ++trial) {
    const std::string number = RandomNumber(random);
    const std::string before(random() % 40, 'x');  // so that it stands at every place of a block
    const std::string ends[] = {"", ",", "}", "]", " ", "\n"};
    const std::string& behind = ends[random() % std::size(ends)];
    message.Assign(before + number + behind + std::string(behind.empty() ? 0 : random() % 40, '7'));
    const auto expected = baselines::ParseNumber(number);
    WithKernels(message, [&](const auto& kernel) {
      ++asked;
      double value = 0;
      const char* const begin = message.begin() + before.size();
      const char* const end = kernel.Number(begin, value);
      if (end == nullptr) return;
      ++taken;
      ASSERT_EQ(end, begin + number.size()) << number;
      ASSERT_TRUE(expected) << number;
      ASSERT_EQ(std::bit_cast<std::uint64_t>(value), std::bit_cast<std::uint64_t>(*expected)) << number;
    });
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(taken, asked / 4);
}

TEST(JsonKernelTest, WhatIsNoNumberIsNotTakenForOne) {
  PaddedMessage message;
  for (const std::string text : {"",
                                 "-",
                                 "01",
                                 "-01",
                                 "00",
                                 "1.",
                                 "-1.",
                                 ".5",
                                 "-.5",
                                 "+1",
                                 "1e5",
                                 "1.5E3",
                                 "1.2.3",
                                 "--1",
                                 "1-",
                                 "1-2",
                                 "a",
                                 "-a",
                                 "\x8a"
                                 "1",
                                 "null",
                                 "0x10",
                                 "1\xC3\xA9",
                                 "00.12345678901234567",
                                 "12345678901234567.",
                                 "1234567890.12345678.9",
                                 "99999999999999999999",
                                 "0.123456789012345678901234567890123",
                                 "1234567890123456e7",
                                 "-Infinity"}) {
    for (const std::string behind : {"", ",", "}"}) {
      message.Assign(text + behind);
      WithKernels(message, [&](const auto& kernel) {
        double value = 0;
        const char* const end = kernel.Number(message.begin(), value);
        // A shorter number in front of the rest fails at the literal that has to follow it.
        EXPECT_TRUE(end == nullptr || end < message.begin() + text.size()) << text << behind;
      });
    }
  }
}

TEST(JsonKernelTest, ATextEndsAtTheFirstByteThatNeedsCare) {
  std::mt19937_64 random(5);
  PaddedMessage message;
  for (int trial = 0; trial < 20'000; ++trial) {
    std::string text(random() % 200, 'a');
    const std::string odd = std::string(", }]\"\\\n\x1f\x80\xff:{[") + '\0';
    for (char& c : text) {
      if (random() % 30 == 0) c = odd[random() % odd.size()];
    }
    message.Assign(text);
    EXPECT_EQ(message.view(), text);
    bool ascii = true;
    for (const char c : text) ascii = ascii && static_cast<unsigned char>(c) < 0x80;
    EXPECT_EQ(message.ascii(), ascii);
    const std::size_t from = text.empty() ? 0 : random() % text.size();
    std::size_t end = from;
    while (end < text.size() && text[end] != '"' && text[end] != '\\' && static_cast<unsigned char>(text[end]) >= 0x20)
      ++end;
    WithKernels(message, [&](const auto& kernel) {
      ASSERT_EQ(kernel.TextEnd(message.begin() + from), message.begin() + end) << text;
    });
  }
}

TEST(JsonKernelTest, LiteralsAreComparedToTheirLastByte) {
  std::mt19937_64 random(6);
  PaddedMessage message;
  for (std::size_t length = 0; length < 150; ++length) {
    std::string text(length, '\0');
    for (char& c : text) c = static_cast<char>('a' + random() % 26);
    std::string literal = text;
    literal.resize((length / 32 + 1) * 32);
    message.Assign(text + "rest");
    WithKernels(message, [&](const auto& kernel) {
      EXPECT_TRUE(kernel.Same(literal.data(), message.begin(), length));
      for (std::size_t at = 0; at < length; ++at) {
        literal[at] ^= 1;
        EXPECT_FALSE(kernel.Same(literal.data(), message.begin(), length)) << at << " of " << length;
        literal[at] ^= 1;
      }
    });
  }
}

}  // namespace
}  // namespace monitor
