#include "config/ip_prefix.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

namespace dinsd {
namespace {

IpAddress Address(const std::string& text) {
  return IpPrefix::Parse(text).value().address();
}

bool Contains(const std::string& prefix, const std::string& address) {
  return IpPrefix::Parse(prefix).value().Contains(Address(address));
}

TEST(IpPrefix, HoldsTheAddressesThatBeginAlike) {
  EXPECT_TRUE(Contains("10.1.0.0/16", "10.1.255.3"));
  EXPECT_FALSE(Contains("10.1.0.0/16", "10.2.0.1"));
  EXPECT_TRUE(Contains("10.1.4.0/22", "10.1.7.9"));
  EXPECT_FALSE(Contains("10.1.4.0/22", "10.1.8.0"));
  EXPECT_TRUE(Contains("192.0.2.7", "192.0.2.7"));
  EXPECT_FALSE(Contains("192.0.2.7", "192.0.2.8"));
  EXPECT_TRUE(Contains("0.0.0.0/0", "192.0.2.8"));
  EXPECT_TRUE(Contains("2001:db8::/32", "2001:db8:7::1"));
  EXPECT_FALSE(Contains("2001:db8::/32", "2001:db9::1"));
}

TEST(IpPrefix, KnowsAnAddressOfVersion4InEitherForm) {
  EXPECT_TRUE(Contains("10.1.0.0/16", "::ffff:10.1.2.3"));
  EXPECT_FALSE(Contains("0.0.0.0/0", "2001:db8::1"));
  sockaddr_in end{};
  end.sin_family = AF_INET;
  end.sin_addr.s_addr = htonl(0x0A010203);
  EXPECT_EQ(IpAddressOf(reinterpret_cast<const sockaddr&>(end)), Address("10.1.2.3"));
}

TEST(IpPrefix, RefusesEverythingElse) {
  for (const char* text : {"", "10.1", "10.1.0.0/33", "10.1.0.0/", "10.1.0.0/x", "10.1.0.0/8 ", "10.1.0.0/-1",
                           "localhost", "2001:db8::/129", "::ffff:10.1.2.3/129", "/8"}) {
    EXPECT_FALSE(IpPrefix::Parse(text)) << text;
  }
}

TEST(IpPrefix, IsWrittenAsPeopleDo) {
  EXPECT_EQ(IpAddressText(Address("::ffff:10.1.2.3")), "10.1.2.3");
  EXPECT_EQ(IpAddressText(Address("2001:0db8::0001")), "2001:db8::1");
}

}  // namespace
}  // namespace dinsd
