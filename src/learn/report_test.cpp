#include "learn/report.hpp"

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

using namespace perch::learn;

namespace {

TrainReport report_of_two() {
  TrainReport report;
  report.model = "gate";
  report.seed = 7;
  report.pictures_train = 70;
  report.threshold = 0.5F;
  report.metrics = {{"accuracy", 0.75, "", 4}, {"recall", 1e-6, "light=night", 0}};
  report.confusion = Confusion({"open", "shut"});
  report.confusion.at(0, 1) = 3;
  report.curves = {{"", {{0.9F, 1, 0.25}, {0.4F, 0.5, 1}}, {0.4F, 0.5, 1}}};
  report.mistakes = {{"b.jpg", "called 'open', is 'shut'", 0.5, {}},
                     {"a.jpg", "called \"x\"\n", 0.9, perch::Box{1, 2, 3, 4}},
                     {"c.jpg", "called 'open', is 'shut'", 0.5, {}}};
  report.history = {{1.5, 0.5}, {0.5, 0.75}};
  return report;
}

}  // namespace

TEST_CASE("a report is JSON with everything that its page says") {
  const boost::json::value json = boost::json::parse(to_json(report_of_two()));
  CHECK(json.at("format").as_int64() == 1);
  CHECK(json.at("model").as_string() == "gate");
  CHECK(json.at("pictures").at("train").as_int64() == 70);
  const auto& metrics = json.at("metrics").as_array();
  REQUIRE(metrics.size() == 2);
  CHECK(metrics[0].at("count").as_int64() == 4);
  CHECK_FALSE(metrics[0].as_object().contains("of"));
  CHECK(metrics[1].at("value").to_number<double>() == doctest::Approx(1e-6));
  CHECK(metrics[1].at("of").as_string() == "light=night");
  CHECK(json.at("confusion").at("rows").at(0).at(1).as_int64() == 3);
  CHECK(json.at("curves").at(0).at("points").as_array().size() == 2);
  CHECK(json.at("curves").at(0).at("chosen").at(2).to_number<double>() == 1);
  CHECK(json.at("mistakes").at(1).at("what").as_string() == "called \"x\"\n");
  CHECK(json.at("mistakes").at(1).at("box").at(3).to_number<double>() == 4);
  CHECK(json.at("history").at("epochs").at(1).at(1).to_number<double>() == doctest::Approx(0.75));
}

TEST_CASE("the worst mistakes stay, worst first, equals by the picture's name") {
  TrainReport report = report_of_two();
  report.keep_worst(2);
  REQUIRE(report.mistakes.size() == 2);
  CHECK(report.mistakes[0].picture == "a.jpg");
  CHECK(report.mistakes[1].picture == "b.jpg");
}

TEST_CASE("a report without classes has no confusion, and is JSON all the same") {
  const TrainReport report;
  const boost::json::value json = boost::json::parse(to_json(report));
  CHECK_FALSE(json.as_object().contains("confusion"));
  CHECK(json.at("metrics").as_array().empty());
}
