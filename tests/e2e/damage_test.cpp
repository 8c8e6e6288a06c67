#include <csignal>

#include "e2e/edge_place.hpp"
#include "support/looks.hpp"

using namespace perch;
using e2e::get;
using e2e::Place;
using e2e::until;
using test::RunningProgram;
using test::says;

TEST_CASE("a damaged index of the pictures is said in the log and as a reading, and the daemon works on") {
  const Place place;
  place.configure(e2e::camera("yard", e2e::folder_source()));
  const std::filesystem::path index = std::filesystem::path(place.data) / "pictures/index.db";
  test::write_test_file(index, "this is no database, and long enough to be one");
  RunningProgram edge(place.command());
  const std::string url = e2e::url_of(edge);
  const std::string line = edge.wait_for("event=pictures.damaged");
  CHECK_MESSAGE(says(line, "it is kept as index.db.damaged-"), line);
  boost::json::value readings;
  until([&] {
    readings = get(url + "/api/readings?camera=perch&task=pictures");
    return !readings.at("readings").as_array().empty();
  });
  const boost::json::value& told = readings.at("readings").at(0);
  CHECK(told.at("values").at("event").as_string() == "damaged");
  CHECK(says(std::string(told.at("reason").as_string()), "look after the disk"));
  until([&] { return e2e::last_seq(url) > 3; });
  edge.signal(SIGTERM);
  CHECK(edge.wait() == 0);
}
