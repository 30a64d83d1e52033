#include "alerts/circuit_breaker.h"

#include <gtest/gtest.h>

namespace alerts {
namespace {

using std::chrono::minutes;

TEST(CircuitBreaker, OpensAtTheFifthFailureInARowAndDoublesUpToAnHour) {
  CircuitBreaker breaker;
  for (int i = 0; i < 4; ++i) EXPECT_EQ(breaker.NoteFailure(), minutes(0));
  breaker.NoteDelivered();
  for (int i = 0; i < 4; ++i) EXPECT_EQ(breaker.NoteFailure(), minutes(0));
  for (const int wait : {1, 2, 4, 8, 16, 32, 60, 60, 60}) EXPECT_EQ(breaker.NoteFailure(), minutes(wait));
  breaker.NoteDelivered();
  EXPECT_EQ(breaker.NoteFailure(), minutes(0));
}

}  // namespace
}  // namespace alerts
