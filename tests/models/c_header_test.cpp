#include "tern/models/c_header.h"

#include "tests/support/catch.h"

using Catch::Contains;
using tern::c_header;

TEST_CASE("c header: every byte as a number, with names from the file's") {
  const std::string header = c_header(std::string("\x00\x7f\x80\xff", 4), "out/my-net.v2.h");
  CHECK_THAT(header, Contains("static const unsigned char tern_my_net_v2[] = {\n0,127,128,255,\n};"));
  CHECK_THAT(header, Contains("enum { tern_my_net_v2_size = sizeof tern_my_net_v2 };"));
  // With a checksum: two networks of one name collide loudly instead of the second being left out.
  CHECK_THAT(header, Contains("#ifndef TERN_MY_NET_V2_686887B7_H\n#define TERN_MY_NET_V2_686887B7_H\n"));
  CHECK_THAT(c_header("another", "out/my_net-v2.h"), !Contains("#ifndef TERN_MY_NET_V2_686887B7_H"));
}

TEST_CASE("c header: a file's name that is no identifier becomes one") {
  CHECK_THAT(c_header("x", "3 \xc3\xa4.h"), Contains("char tern_3___[]"));
  CHECK_THAT(c_header("x", "int"), Contains("char tern_int[]"));
}
