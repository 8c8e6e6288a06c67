#include "learn/pull.hpp"

#include <atomic>
#include <mutex>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/bytes.hpp"
#include "base/text.hpp"
#include "support/program.hpp"
#include "support/test_server.hpp"

using namespace perch;
using namespace std::chrono_literals;
using learn::CatalogueEntry;
using test::Connection;
using test::TempFolder;
using test::TestServer;

namespace {

constexpr std::size_t kSize = 300'000;

/// A file whose every part is different.
std::string a_model(char seed = 'a') {
  std::string bytes;
  for (std::size_t i = 0; bytes.size() < kSize; ++i) bytes += fmt::format("{}{:x} ", seed, i * 2654435761U);
  bytes.resize(kSize);
  return bytes;
}

CatalogueEntry entry_for(const std::string& content, const std::string& url) {
  CatalogueEntry entry;
  entry.name = "tiny";
  entry.url = url;
  entry.page = "https://example.org/tiny";
  entry.sha256 = sha256_hex(as_bytes(content));
  entry.bytes = {content.size()};
  entry.licence = "MIT";
  entry.card = "name = \"tiny\"\ntask = \"classify\"\ndecoder = { kind = \"classify\" }\n";
  return entry;
}

/// A server with one file that knows ranges, and can be told to cut an answer off.
struct FileServer {
  std::string content, etag;
  std::size_t cut_after = kSize;  ///< bytes of a body, then the connection breaks
  bool knows_ranges = true;
  std::vector<std::string> heads;
  std::mutex mutex;
  TestServer server{[this](Connection& c, const std::string& head) { return answer(c, head); }};

  explicit FileServer(std::string its_content) : content(std::move(its_content)), etag("\"one\"") {}

  static std::string field(const std::string& head, std::string_view name) {
    for (const std::string& line : split(head, '\n'))
      if (line.starts_with(name)) return std::string(trim(std::string_view(line).substr(name.size())));
    return {};
  }

  bool answer(Connection& c, const std::string& head) {
    const std::lock_guard lock(mutex);
    heads.push_back(head);
    const std::string range = field(head, "Range: bytes="), if_range = field(head, "If-Range: ");
    std::size_t from = 0;
    if (knows_ranges && !range.empty() && if_range == etag) from = std::stoul(range);
    const std::string body = content.substr(from);
    std::string answer = from > 0 ? fmt::format("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {}-{}/{}\r\n",
                                                from, content.size() - 1, content.size())
                                  : "HTTP/1.1 200 OK\r\n";
    if (!etag.empty()) answer += fmt::format("ETag: {}\r\n", etag);
    answer += fmt::format("Content-Length: {}\r\n\r\n", body.size());
    c.send(answer);
    c.send(std::string_view(body).substr(0, cut_after));
    return cut_after >= body.size();
  }
};

/// What lies in the folder, hidden files and all.
std::vector<std::string> files_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    names.push_back(entry.path().filename().string());
  std::ranges::sort(names);
  return names;
}

const std::vector<std::string> kModelAndCard{"tiny.onnx", "tiny.toml"};

std::string content_of(const std::filesystem::path& path) {
  return std::string(as_text(read_file(path).value()));
}

}  // namespace

TEST_CASE("a model comes whole, with its card, byte for byte, and is not fetched twice") {
  const TempFolder folder;
  FileServer server(a_model());
  const CatalogueEntry entry = entry_for(server.content, server.server.url("/tiny.onnx"));
  std::uint64_t last = 0, all = 0;
  const auto pulled = learn::pull(entry, folder.path(), {}, [&](std::uint64_t done, std::uint64_t of) {
    CHECK(done > last);
    last = done;
    all = of;
  });
  REQUIRE_MESSAGE(pulled, (pulled ? "" : pulled.error().message()));
  CHECK(last == kSize);
  CHECK(all == kSize);
  CHECK(pulled->resumed == 0);
  CHECK(content_of(folder / "tiny.onnx") == server.content);
  CHECK(content_of(folder / "tiny.toml") == entry.card);
  CHECK(files_in(folder.path()) == kModelAndCard);
  const auto again = learn::pull(entry, folder.path(), {});
  REQUIRE(again);
  CHECK(again->was_here);
  CHECK(server.server.requests() == 1);
}

TEST_CASE("a download that was cut off says so, keeps what it has, and goes on from there") {
  const TempFolder folder;
  FileServer server(a_model());
  server.cut_after = 100'000;
  const CatalogueEntry entry = entry_for(server.content, server.server.url());
  const auto cut = learn::pull(entry, folder.path(), {});
  REQUIRE_FALSE(cut);
  CHECK(cut.error().code == Errc::io);
  CHECK(cut.error().message().find("try again") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(folder / "tiny.onnx"));
  server.cut_after = kSize;
  const auto pulled = learn::pull(entry, folder.path(), {});
  REQUIRE_MESSAGE(pulled, (pulled ? "" : pulled.error().message()));
  CHECK(pulled->resumed == 100'000);
  CHECK(server.heads.back().find("Range: bytes=100000-") != std::string::npos);
  CHECK(content_of(folder / "tiny.onnx") == server.content);
  CHECK(files_in(folder.path()) == kModelAndCard);
}

TEST_CASE("what cannot be gone on with is begun anew: no ranges, another file, no mark, another address") {
  struct Case {
    const char* what = "";
    bool knows_ranges = true;
    const char *etag_before = "\"one\"", *etag_after = "\"one\"", *path_after = "/a";
  };

  for (const Case& c : {Case{"a server that ignores ranges", false}, Case{"a changed file", true, "\"one\"", "\"two\""},
                        Case{"no mark", true, "", ""}, Case{"a weak mark", true, "W/\"one\"", "W/\"one\""},
                        Case{"another address", true, "\"one\"", "\"one\"", "/b"}}) {
    CAPTURE(c.what);
    const TempFolder folder;
    FileServer server(a_model('x'));
    const std::string wanted = a_model('y');
    const bool changes = std::string_view(c.etag_before) != c.etag_after;
    if (!changes) server.content = wanted;
    server.etag = c.etag_before;
    server.knows_ranges = c.knows_ranges;
    server.cut_after = 100'000;
    REQUIRE_FALSE(learn::pull(entry_for(wanted, server.server.url("/a")), folder.path(), {}));
    server.content = wanted;
    server.etag = c.etag_after;
    server.cut_after = kSize;
    const auto pulled = learn::pull(entry_for(wanted, server.server.url(c.path_after)), folder.path(), {});
    REQUIRE_MESSAGE(pulled, (pulled ? "" : pulled.error().message()));
    CHECK(pulled->resumed == 0);
    CHECK(content_of(folder / "tiny.onnx") == wanted);
    CHECK(files_in(folder.path()) == kModelAndCard);
  }
}

TEST_CASE("a file with another sha256 is refused, both are named, and nothing of it is kept") {
  const TempFolder folder;
  FileServer server(a_model('z'));
  CatalogueEntry entry = entry_for(a_model('a'), server.server.url());
  const auto pulled = learn::pull(entry, folder.path(), {});
  REQUIRE_FALSE(pulled);
  CHECK(pulled.error().code == Errc::mismatch);
  CHECK(pulled.error().message().find(entry.sha256) != std::string::npos);
  CHECK(pulled.error().message().find(sha256_hex(as_bytes(server.content))) != std::string::npos);
  CHECK(files_in(folder.path()).empty());
}

TEST_CASE("a model or a card that is there already under that name is not replaced, and nothing is fetched") {
  for (const char* name : {"tiny.onnx", "tiny.toml"}) {
    CAPTURE(name);
    const TempFolder folder;
    FileServer server(a_model());
    test::write_test_file(folder / name, "somebody's");
    const auto pulled = learn::pull(entry_for(server.content, server.server.url("/a")), folder.path(), {});
    REQUIRE_FALSE(pulled);
    CHECK(pulled.error().code == Errc::exists);
    CHECK(pulled.error().where == (folder / name).string());
    CHECK(server.heads.empty());
    CHECK(files_in(folder.path()) == std::vector<std::string>{name});
    CHECK(content_of(folder / name) == "somebody's");
  }
}

TEST_CASE("a server that will not go on where a try stopped is asked for the whole; one that is busy is not") {
  for (const char* refusal : {"416 Range Not Satisfiable", "206 Partial Content\r\nContent-Range: bytes 0-9/300000"}) {
    CAPTURE(refusal);
    const TempFolder folder;
    const std::string content = a_model();
    std::atomic<int> asked = 0;
    TestServer server([&](Connection& c, const std::string& head) {
      const bool rest = head.find("Range: bytes=") != std::string::npos;
      const int time = asked++;
      if (time == 1) {
        c.send("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
        return false;
      }
      c.send(rest ? fmt::format("HTTP/1.1 {}\r\nContent-Length: 0\r\n\r\n", refusal)
                  : fmt::format("HTTP/1.1 200 OK\r\nETag: \"a\"\r\nContent-Length: {}\r\n\r\n", content.size()));
      if (!rest) c.send(std::string_view(content).substr(0, time == 0 ? 1000 : kSize));
      return time != 0;
    });
    const CatalogueEntry entry = entry_for(content, server.url("/a"));
    REQUIRE_FALSE(learn::pull(entry, folder.path(), {}));
    CHECK(learn::pull(entry, folder.path(), {}).error().what == "answered 503");
    CHECK(content_of(folder / ".tiny.onnx.part").size() == 1000);
    const auto pulled = learn::pull(entry, folder.path(), {});
    REQUIRE_MESSAGE(pulled, (pulled ? "" : pulled.error().message()));
    CHECK(pulled->resumed == 0);
    CHECK(content_of(folder / "tiny.onnx") == content);
  }
}

TEST_CASE("answers that are no model are told apart, and leave nothing") {
  struct Case {
    int status;
    const char *type, *body;
    Errc code;
    const char* says;
  };

  const std::string long_body(kSize + 1, 'x');
  for (const Case& c :
       {Case{404, "text/plain", "", Errc::not_found, "404"}, Case{403, "text/plain", "", Errc::denied, "403"},
        Case{500, "text/plain", "", Errc::io, "500"},
        Case{200, "application/octet-stream", long_body.c_str(), Errc::mismatch, "catalogue says 300000"},
        Case{200, "application/octet-stream", "short", Errc::mismatch, "would be 5 bytes"}}) {
    CAPTURE(c.says);
    const TempFolder folder;
    const TestServer server(
        [&](Connection& conn, const std::string&) { return conn.respond(c.status, c.type, c.body); });
    const auto pulled = learn::pull(entry_for(a_model(), server.url("/x")), folder.path(), {});
    REQUIRE_FALSE(pulled);
    CHECK(pulled.error().code == c.code);
    CHECK(pulled.error().message().find(c.says) != std::string::npos);
    CHECK(files_in(folder.path()).empty());
  }
  const TempFolder folder;
  const std::string page = "\n<!doctype html><p>Log in</p>";
  const TestServer server([&](Connection& conn, const std::string&) { return conn.respond(200, "text/plain", page); });
  CatalogueEntry entry = entry_for(page, server.url());
  const auto pulled = learn::pull(entry, folder.path(), {});
  REQUIRE_FALSE(pulled);
  CHECK(pulled.error().message().find("a web page instead of a model") != std::string::npos);
  CHECK(files_in(folder.path()).empty());
}

TEST_CASE("a body that is longer than stated is stopped on its way") {
  const TempFolder folder;
  const TestServer server([](Connection& c, const std::string&) {
    c.send("HTTP/1.1 200 OK\r\n\r\n");
    while (c.send(std::string(65536, 'x'))) {
    }
    return false;
  });
  const auto pulled = learn::pull(entry_for(a_model(), server.url()), folder.path(), {});
  REQUIRE_FALSE(pulled);
  CHECK(pulled.error().message().find("more than the 300 kB") != std::string::npos);
  CHECK(files_in(folder.path()).empty());
}

TEST_CASE("a server that falls silent runs into the timeout, and what came is gone on with") {
  const TempFolder folder;
  const std::string content = a_model();
  const TestServer server([&](Connection& c, const std::string&) {
    c.send(fmt::format("HTTP/1.1 200 OK\r\nETag: \"one\"\r\nContent-Length: {}\r\n\r\n", content.size()));
    c.send(std::string_view(content).substr(0, 1000));
    c.hang();
    return false;
  });
  learn::PullSettings settings;
  settings.stall_timeout = 100ms;
  const auto pulled = learn::pull(entry_for(content, server.url()), folder.path(), settings);
  REQUIRE_FALSE(pulled);
  CHECK(pulled.error().code == Errc::timeout);
  CHECK(std::filesystem::file_size(folder / ".tiny.onnx.part") == 1000);
}

TEST_CASE("requests go through a proxy that is given") {
  const TempFolder folder;
  FileServer proxy(a_model());
  learn::PullSettings settings;
  settings.proxy = proxy.server.url();
  const auto pulled = learn::pull(entry_for(proxy.content, "http://models.example/tiny.onnx"), folder.path(), settings);
  REQUIRE_MESSAGE(pulled, (pulled ? "" : pulled.error().message()));
  CHECK(proxy.heads.front().starts_with("GET http://models.example/tiny.onnx "));
}

TEST_CASE("a model without a known address says where its project is") {
  const TempFolder folder;
  const auto pulled = learn::pull(entry_for(a_model(), ""), folder.path(), {});
  REQUIRE_FALSE(pulled);
  CHECK(pulled.error().code == Errc::not_found);
  CHECK(pulled.error().message().find("https://example.org/tiny") != std::string::npos);
}
