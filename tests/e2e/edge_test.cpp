#include <chrono>
#include <csignal>
#include <map>
#include <random>
#include <set>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.hpp"
#include "e2e/edge_place.hpp"
#include "net/fetch.hpp"
#include "support/picture_files.hpp"
#include "support/program.hpp"
#include "support/running_program.hpp"
#include "support/test_server.hpp"

using namespace perch;
using namespace std::chrono_literals;
using test::RunningProgram;
using test::TestServer;
using test::write_test_file;
namespace json = boost::json;

namespace {

using e2e::camera;
using e2e::folder_source;
using e2e::get;
using e2e::last_seq;
using e2e::lines_of;
using e2e::Place;
using e2e::until;
using e2e::url_of;

std::string http_source(const TestServer& server) {
  return fmt::format("{{ kind = 'http', url = '{}', timeout = '1s' }}", server.url("/jpg"));
}

std::string health(const std::string& url, const std::string& name) {
  return std::string(get(url + "/api/cameras/" + name).at("health").at("health").as_string());
}

std::int64_t counter(const std::string& url, const std::string& name, const char* which) {
  return get(url + "/api/cameras/" + name).at("counters").at(which).as_int64();
}

bool serve_jpeg(test::Connection& connection, const std::string&) {
  static const std::string kJpeg(as_text(test::jpeg_file(64, 48)));
  return connection.respond(200, "image/jpeg", kJpeg);
}

}  // namespace

TEST_CASE("pictures become readings that the interface shows, and SIGTERM ends it in order") {
  Place place;
  place.configure(camera("yard", folder_source()));
  RunningProgram edge(place.command());
  const std::string url = url_of(edge);
  until([&] { return last_seq(url) > 5; });
  const json::value readings = get(url + "/api/readings?camera=yard&task=seen&limit=3");
  CHECK(readings.at("readings").as_array().size() == 3);
  CHECK(readings.at("readings").at(0).at("values").at("red").as_int64() == 0);
  CHECK(health(url, "yard") == "live");
  const auto picture = net::fetch(url + "/api/cameras/yard/latest.jpg");
  REQUIRE(picture);
  CHECK(as_text(*picture).starts_with("\xff\xd8"));
  edge.signal(SIGTERM);
  CHECK(edge.wait() == 0);
}

TEST_CASE("a configuration that is wrong keeps it from starting, with every reason") {
  Place place;
  place.configure("lisen = 'x'\n" + camera("a", "{ kind = 'htp', url = 'u' }"));
  const test::Finished wrong = test::run_program(place.command());
  CHECK(wrong.status == 2);
  CHECK(wrong.err.find("lisen: unknown key; did you mean 'listen'?") != std::string::npos);
  CHECK(wrong.err.find("did you mean 'http'?") != std::string::npos);
  place.configure(camera("a", folder_source()) + "[[camera]]\nname='b'\nsource = " + folder_source() +
                  "\n[[camera.task]]\nname='t'\nmodel='./gone.onnx'\nanalysis = { kind = 'detect' }\n");
  const test::Finished gone = test::run_program(place.command());
  CHECK(gone.status == 2);
  CHECK(gone.err.find("camera.b.task.t.model: ") != std::string::npos);
}

TEST_CASE("a taken port or data folder is named, with what to do") {
  Place place;
  place.configure(camera("yard", folder_source()));
  RunningProgram edge(place.command());
  const std::string url = url_of(edge);
  const test::Finished same_data = test::run_program(place.command());
  CHECK(same_data.status == 2);
  CHECK(same_data.err.find(place.data) != std::string::npos);
  Place other;
  write_test_file(other.config, "listen = '" + url.substr(std::string("http://").size()) + "'\n");
  const test::Finished same_port = test::run_program(other.command());
  CHECK(same_port.status == 2);
  CHECK(same_port.err.find("another program listens there") != std::string::npos);
}

TEST_CASE("a change restarts only the camera that it is about, and a mistake changes nothing") {
  Place place;
  const std::string stays = camera("stays", folder_source());
  place.configure(stays + camera("changes", folder_source()));
  RunningProgram edge(place.command());
  const std::string url = url_of(edge);
  until([&] { return counter(url, "stays", "looked") > 0 && counter(url, "changes", "looked") > 0; });

  place.configure(stays + camera("changes", folder_source(15)) + camera("new", folder_source()));
  edge.wait_for("event=config.taken_up");
  CHECK(edge.output().find("event=camera.started camera=new") != std::string::npos);
  until([&] { return counter(url, "new", "looked") > 0; });
  const std::int64_t looked = counter(url, "stays", "looked");
  CHECK(looked > 10);  // it has counted all along
  CHECK(get(url + "/api/info").at("config").at("revision").as_int64() == 2);

  place.configure(stays + camera("changes", folder_source(), "1ms"));
  edge.wait_for("event=config.refused");
  const std::string problem(get(url + "/api/info").at("config").at("problem").as_string());
  CHECK(problem.find("every: is 1ms") != std::string::npos);
  CHECK(counter(url, "new", "looked") > 0);

  place.configure(stays);
  edge.wait_for("event=config.taken_up");
  CHECK(get(url + "/api/cameras").at("cameras").as_array().size() == 1);
  CHECK(get(url + "/api/info").at("config").at("problem").as_string().empty());
  CHECK(counter(url, "stays", "looked") >= looked);
  edge.signal(SIGTERM);
  CHECK(edge.wait() == 0);
}

TEST_CASE("a lower budget for pictures is taken up as it runs, with nothing new to make room for") {
  Place place;
  const auto metric = [](const std::string& url, std::string_view line) {
    const auto metrics = net::fetch(url + "/metrics");
    REQUIRE(metrics);
    return as_text(*metrics).find(line) != std::string_view::npos;
  };
  place.configure("[pictures]\nbudget = '1MB'\n" + camera("yard", folder_source()) + "keep_picture = true\n");
  RunningProgram edge(place.command());
  const std::string url = url_of(edge);
  until([&] { return metric(url, "\nperch_pictures 3\n"); });
  place.configure("[pictures]\nbudget = '0B'\n");
  edge.wait_for("event=config.taken_up");
  until([&] { return metric(url, "\nperch_pictures 0\n"); });
  edge.signal(SIGTERM);
  CHECK(edge.wait() == 0);
}

TEST_CASE("another address is taken up as it runs") {
  Place place;
  const std::string yard = camera("yard", folder_source());
  place.configure(yard);
  RunningProgram edge(place.command());
  const std::string before = url_of(edge);
  write_test_file(place.config, "device = 'box'\nlisten = '[::1]:0'\n" + yard);
  const std::string after = url_of(edge);
  CHECK(after != before);
  CHECK(counter(after, "yard", "looked") >= 0);
}

TEST_CASE("an empty file, as one is while it is being saved, does not end the cameras") {
  Place place;
  place.configure(camera("yard", folder_source()));
  RunningProgram edge(place.command());
  const std::string url = url_of(edge);
  write_test_file(place.config, "\n");
  const std::string refused = edge.wait_for("event=config.refused");
  CHECK(refused.find("is empty") != std::string::npos);
  CHECK(counter(url, "yard", "looked") >= 0);
  place.configure(camera("pit", folder_source()));
  edge.wait_for("event=config.taken_up");
  CHECK(edge.output().find("event=camera.removed camera=yard") != std::string::npos);
}

TEST_CASE("a sink that is taken out and put back goes on where it was") {
  Place place;
  const std::string yard = camera("yard", folder_source());
  const std::string sink = "[[sink]]\nname = 'archive'\nkind = 'file'\npath = 'readings.jsonl'\n";
  place.configure(yard + sink);
  RunningProgram edge(place.command());
  url_of(edge);
  for (const std::size_t lines : {5U, 50U})  // the second comes after the place of the first is kept
    until([&] { return lines_of(place.data).size() > lines; });
  place.configure(yard);
  edge.wait_for("event=sink.removed");
  std::filesystem::remove(std::filesystem::path(place.data) / "readings.jsonl");
  place.configure(yard + sink);
  until([&] { return !lines_of(place.data).empty(); });
  CHECK(lines_of(place.data).front().at("seq").as_int64() > 1);
}

TEST_CASE("a sink that was taken out while nothing ran no longer holds the journal") {
  Place place;
  const std::string yard = camera("yard", folder_source());
  const auto cursors = [](const std::string& url) {
    const auto metrics = net::fetch(url + "/metrics");
    REQUIRE(metrics);
    return std::string(as_text(*metrics)).find("perch_sink_lag{") != std::string::npos;
  };
  place.configure(yard + "[[sink]]\nname = 'archive'\nkind = 'file'\npath = 'readings.jsonl'\n");
  {
    RunningProgram edge(place.command());
    const std::string url = url_of(edge);
    until([&] { return cursors(url); });
    edge.signal(SIGTERM);
    REQUIRE(edge.wait() == 0);
  }
  place.configure(yard);
  RunningProgram edge(place.command());
  const std::string url = url_of(edge);
  CHECK(edge.wait_for("event=sink.removed").find("sink=archive") != std::string::npos);
  CHECK_FALSE(cursors(url));
  edge.signal(SIGTERM);
  CHECK(edge.wait() == 0);
}

TEST_CASE(
    "an address that holds the one before is taken up as it runs, and one that cannot be had leaves it as it was") {
  Place place;
  const std::string yard = camera("yard", folder_source());
  place.configure(yard);
  RunningProgram edge(place.command());
  const std::string first = url_of(edge);
  const std::string port = first.substr(first.rfind(':'));
  const auto listen = [&](const std::string& host) {
    write_test_file(place.config, "device = 'box'\nlisten = '" + host + port + "'\n" + yard);
  };
  listen("0.0.0.0");
  CHECK(url_of(edge) == "http://0.0.0.0" + port);
  edge.wait_for("event=config.taken_up");
  listen("192.0.2.1");  // of another machine
  edge.wait_for("event=config.refused");
  CHECK(counter(first, "yard", "looked") >= 0);
  listen("127.0.0.1");
  CHECK(url_of(edge) == first);
  edge.wait_for("event=config.taken_up");

  namespace asio = boost::asio;
  asio::io_context io;
  const auto number = static_cast<std::uint16_t>(std::stoi(port.substr(1)));
  const asio::ip::tcp::acceptor other(io, {asio::ip::make_address("127.0.0.2"), number});
  listen("0.0.0.0");
  edge.wait_for("event=config.refused");
  CHECK(counter(first, "yard", "looked") >= 0);
}

TEST_CASE("a file that never answers does not keep it from being ended") {
  Place place;
  place.configure(camera("yard", folder_source()));
  RunningProgram edge(place.command());
  url_of(edge);
  std::filesystem::remove(place.config);
  REQUIRE(::mkfifo(place.config.c_str(), 0600) == 0);
  int never_written = -1;  // opens only once somebody reads: the daemon, for a change of its configuration
  until([&] { return (never_written = ::open(place.config.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC)) >= 0; });
  edge.signal(SIGTERM);
  edge.wait_for("event=stopped");
  edge.signal(SIGTERM);
  CHECK(edge.wait() == 128 + SIGTERM);
  ::close(never_written);
}

TEST_CASE("killed again and again, every reading reaches the file exactly once") {
  Place place;
  place.configure(camera("a", folder_source(80)) + camera("b", folder_source(80)) +
                  "[[sink]]\nkind = 'file'\npath = 'readings.jsonl'\nrotate_bytes = '20kB'\n");
  std::mt19937 random(7);
  constexpr int kRounds = 10;
  for (int round = 0; round < kRounds; ++round) {
    RunningProgram edge(place.command());
    const std::string url = url_of(edge);
    const std::int64_t begin = last_seq(url);
    until([&] { return last_seq(url) > begin + 5; });
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 300));
    edge.kill();
  }
  // The last run brings the sink up to date and ends in order.
  place.configure("[[sink]]\nkind = 'file'\npath = 'readings.jsonl'\nrotate_bytes = '20kB'\n");
  RunningProgram edge(place.command());
  const std::string url = url_of(edge);
  const std::int64_t last = last_seq(url);
  std::map<std::int64_t, std::string> journal;
  std::string page;
  do {
    const json::value answer = get(url + "/api/readings?limit=1000" + (page.empty() ? "" : "&cursor=" + page));
    for (const json::value& reading : answer.at("readings").as_array())
      journal.emplace(reading.at("seq").as_int64(), reading.at("id").as_string());
    const json::value& next = answer.at("next");
    page = next.is_null() ? std::string() : std::string(next.as_string());
  } while (!page.empty());
  until([&] { return lines_of(place.data).size() >= journal.size(); });
  edge.signal(SIGTERM);
  CHECK(edge.wait() == 0);

  CHECK(static_cast<std::int64_t>(journal.size()) == last);
  std::map<std::int64_t, std::string> written;
  std::set<std::string> ids;
  for (const json::value& reading : lines_of(place.data)) {
    CHECK(ids.insert(std::string(reading.at("id").as_string())).second);
    written.emplace(reading.at("seq").as_int64(), reading.at("id").as_string());
  }
  CHECK(written == journal);
}

TEST_CASE("a camera that fails in any way has its health and reason, and the others go on") {
  Place place;
  TestServer good(serve_jpeg);
  TestServer silent([](test::Connection& connection, const std::string&) {
    connection.hang();
    return false;
  });
  TestServer page([](test::Connection& connection, const std::string&) {
    return connection.respond(200, "text/html", "<title>Please log in</title>");
  });
  TestServer missing([](test::Connection& connection, const std::string&) {
    return connection.respond(404, "text/plain", "no such thing");
  });
  TestServer cut([](test::Connection& connection, const std::string&) {
    connection.send("HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: 100000\r\n\r\n\xff\xd8\xff");
    return false;
  });
  TestServer huge([](test::Connection& connection, const std::string&) {
    connection.send("HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: 2147483648\r\n\r\n");
    connection.hang();
    return false;
  });
  place.configure(camera("good", http_source(good), "50ms") + camera("silent", http_source(silent), "50ms") +
                  camera("page", http_source(page), "50ms") + camera("missing", http_source(missing), "50ms") +
                  camera("cut", http_source(cut), "50ms") + camera("huge", http_source(huge), "50ms"));
  RunningProgram edge(place.command());
  const std::string url = url_of(edge);
  until([&] {
    return health(url, "good") == "live" && health(url, "silent") == "gone" && health(url, "page") == "broken" &&
           health(url, "missing") == "broken" && health(url, "cut") != "connecting" && health(url, "huge") == "broken";
  });
  const auto reason = [&](const char* name) {
    return std::string(get(url + "/api/cameras/" + name).at("health").at("reason").as_string());
  };
  CHECK(reason("page").find("Please log in") != std::string::npos);
  CHECK(reason("missing") == "answered 404 (not found); check the path");
  const json::value recorded = get(url + "/api/readings?camera=page&task=health&limit=1");
  CHECK(recorded.at("readings").at(0).at("values").at("health").as_string() == "broken");
  const std::int64_t looked = counter(url, "good", "looked");
  until([&] { return counter(url, "good", "looked") > looked + 20; });
  CHECK(counter(url, "good", "failures") == 0);

  good.stop();
  until([&] { return health(url, "good") == "gone"; });
  good.restart();
  until([&] { return health(url, "good") == "live"; });
  edge.signal(SIGTERM);
  CHECK(edge.wait() == 0);
}

TEST_CASE("descriptors return to where they were after cameras have come and failed and gone") {
  Place place;
  TestServer good(serve_jpeg);
  TestServer silent([](test::Connection& connection, const std::string&) {
    connection.hang();
    return false;
  });
  const std::string yard = camera("yard", http_source(good), "50ms");
  place.configure(yard);
  RunningProgram edge(place.command());
  const std::string url = url_of(edge);
  const auto descriptors = [&] {
    const std::filesystem::path folder = "/proc/" + std::to_string(edge.pid()) + "/fd";
    return std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator());
  };
  until([&] { return health(url, "yard") == "live"; });
  const auto before = descriptors();
  std::string many = yard;
  for (int i = 0; i < 20; ++i) many += camera("s" + std::to_string(i), http_source(silent), "50ms");
  place.configure(many);
  edge.wait_for("event=config.taken_up");
  until([&] { return health(url, "s0") == "gone" && health(url, "s19") == "gone"; });
  place.configure(yard);
  edge.wait_for("event=config.taken_up");
  until([&] { return descriptors() <= before + 2; });  // an idle connection or two of the interface
  CHECK(health(url, "yard") == "live");
}
