#include "alerts/http_client.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>

#include "tests/alerts/server.h"

namespace alerts {
namespace {

TEST(HttpClient, SendsHeadersAndBodyAsTheyAre) {
  Server server;
  const std::string body("{\"a\":\"K\xc3\xa4se\"}\0binary", 21);
  const auto response =
      MakeCurlClient()->Send({server.Url("/200"), {{"content-type", "application/json"}, {"x-a", "b"}}, body});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "said_so");
  EXPECT_EQ(response.error, "");
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_EQ(requests[0].body, body);
  EXPECT_EQ(requests[0].get_header_value("content-type"), "application/json");
  EXPECT_EQ(requests[0].get_header_value("x-a"), "b");
  EXPECT_FALSE(requests[0].has_header("Expect"));
}

TEST(HttpClient, DoesNotAskForPermissionToSendLongBodies) {
  Server server;
  EXPECT_EQ(
      MakeCurlClient()->Send({server.Url("/200"), {{"content-type", "text/plain"}}, std::string(2 << 20, 'x')}).status,
      200);
  EXPECT_FALSE(server.requests().at(0).has_header("Expect"));
}

TEST(HttpClient, HandsOverStatusAndRetryAfter) {
  Server server;
  const auto client = MakeCurlClient();
  const auto busy = client->Send({server.Url("/429"), {}, ""});
  EXPECT_EQ(busy.status, 429);
  EXPECT_EQ(busy.retry_after_s, 7);
  const auto down = client->Send({server.Url("/503"), {}, ""});
  EXPECT_EQ(down.status, 503);
  EXPECT_EQ(down.retry_after_s, std::nullopt);
}

TEST(HttpClient, DoesNotFollowRedirects) {
  Server server;
  EXPECT_EQ(MakeCurlClient()->Send({server.Url("/301"), {}, ""}).status, 301);
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST(HttpClient, CutsLongAnswers) {
  Server server;
  const auto response = MakeCurlClient()->Send({server.Url("/big"), {}, ""});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body.size(), 64u * 1024);
}

TEST(HttpClient, SaysThatNobodyListens) {
  std::string url;
  {
    Server server;
    url = server.Url("/secret");
  }
  const auto response = MakeCurlClient()->Send({url, {}, ""});
  EXPECT_EQ(response.status, 0);
  EXPECT_EQ(response.error, "connection refused");
}

TEST(HttpClient, RefusesMetadataAddressesAndOtherProtocols) {
  const auto client = MakeCurlClient();
  for (const char* url : {"http://169.254.169.254/latest/meta-data/secret", "http://[fd00:ec2::254]/secret",
                          "http://[fe80::1]/secret", "http://[::ffff:169.254.169.254]/secret"}) {
    const auto response = client->Send({url, {}, ""});
    EXPECT_EQ(response.status, 0) << url;
    EXPECT_EQ(response.error, "the address is link-local or a metadata service and is refused") << url;
  }
  for (const char* url : {"file:///etc/passwd", "ftp://127.0.0.1/secret", "secret", ""}) {
    const auto response = client->Send({url, {}, ""});
    EXPECT_EQ(response.status, 0) << url;
    EXPECT_NE(response.error, "") << url;
    EXPECT_EQ(response.error.find("secret"), std::string::npos) << response.error;
  }
}

TEST(HttpClient, RefusesHeadersOfSeveralLines) {
  Server server;
  const auto response = MakeCurlClient()->Send({server.Url("/200"), {{"x-a", "b\r\nx-c: d"}}, ""});
  EXPECT_EQ(response.error, "malformed header");
  EXPECT_TRUE(server.requests().empty());
}

TEST(HttpClient, AnInterruptEndsATransferWithinASecond) {
  Server server;
  const auto client = MakeCurlClient();
  auto answer = std::async(std::launch::async, [&] { return client->Send({server.Url("/slow"), {}, ""}); });
  server.WaitForRequest();
  const auto before = std::chrono::steady_clock::now();
  client->Interrupt();
  const auto response = answer.get();
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::milliseconds(1'500));
  EXPECT_EQ(response.status, 0);
  EXPECT_EQ(response.error, "interrupted");
  EXPECT_EQ(client->Send({server.Url("/200"), {}, ""}).error, "interrupted") << "and later ones fail at once";
}

}  // namespace
}  // namespace alerts
