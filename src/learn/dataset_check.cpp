#include "learn/dataset_check.hpp"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"

namespace perch::learn {

namespace {

constexpr std::size_t kFewExamples = 10;
constexpr std::size_t kMostImbalance = 20;
constexpr float kMostOutside_px = 2;
constexpr std::size_t kMostNamed = 3;

/// Looks at a data set from one side after the other.
class Checker {
 public:
  explicit Checker(const Dataset& set) : set_(set), stats_(stats_of(set)) {}

  std::vector<Finding> run() {
    for (const Error& problem : set_.problems()) found_.push_back({true, problem});
    check_duplicates();
    check_near_duplicates();
    check_groups();
    check_boxes();
    check_empty_pictures();
    check_labels();
    check_splits();
    found_.insert(found_.end(), notes_.begin(), notes_.end());
    return std::move(found_);
  }

 private:
  static std::string place(const Sample& sample) { return fmt::format("picture '{}'", printable(sample.name, 80)); }

  void add(bool serious, std::string where, std::string what, std::string remedy, Errc code = Errc::invalid) {
    (serious ? found_ : notes_).push_back({serious, {code, std::move(what), std::move(where), std::move(remedy)}});
  }

  void check_duplicates() {
    std::unordered_map<std::string, const Sample*> first;
    for (const Sample& sample : set_.samples()) {
      const auto [at, is_new] = first.emplace(sample.sha256, &sample);
      if (is_new) continue;
      const Sample& other = *at->second;
      const std::string other_name = printable(other.name, 80);
      if (sample.split != other.split)
        add(true, place(sample),
            fmt::format("the same picture as '{}', one to '{}' and one to '{}'", other_name, name(sample.split),
                        name(other.split)),
            "remove one of them");
      else if (sample.labels != other.labels)
        add(true, place(sample), fmt::format("the same picture as '{}', but labelled differently", other_name),
            "keep the one that is labelled right");
      else
        add(false, place(sample), fmt::format("the same picture as '{}'", other_name), "remove one of them");
    }
  }

  void check_near_duplicates() {
    std::size_t alike = 0;
    std::string example;
    const auto& samples = set_.samples();
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const Sample& b = samples[i];
      const Sample *leaked = nullptr, *twin = nullptr;
      for (std::size_t j = 0; j < i && leaked == nullptr; ++j)
        if (const Sample& a = samples[j]; a.sha256 != b.sha256 && nearly_equal(a.look, b.look))
          (a.split != b.split ? leaked : twin) = &a;
      if (leaked != nullptr) {
        add(true, place(b),
            fmt::format("nearly the same as '{}', one to '{}' and one to '{}'", printable(leaked->name, 80),
                        name(b.split), name(leaked->split)),
            "give both the same attribute \"group\", or remove one");
      } else if (twin != nullptr) {
        if (alike++ == 0) example = fmt::format("'{}' and '{}'", printable(twin->name, 80), printable(b.name, 80));
      }
    }
    if (alike > 0)
      add(false, {}, fmt::format("{} pictures nearly equal an earlier one, as {}", alike, example),
          "they are together in one split and teach little; remove them if there are many");
  }

  void check_groups() {
    std::unordered_map<std::string, const Sample*> first;
    std::set<std::string> told;
    for (const Sample& sample : set_.samples()) {
      if (sample.group.empty()) continue;
      const Sample& other = *first.emplace(sample.group, &sample).first->second;
      if (other.split != sample.split && told.insert(sample.group).second)
        add(true, fmt::format("group '{}'", printable(sample.group, 80)),
            fmt::format("is in two splits: '{}' in '{}', '{}' in '{}'", printable(other.name, 80), name(other.split),
                        printable(sample.name, 80), name(sample.split)),
            "remove the attribute \"split\" of its pictures, or give all the same");
    }
  }

  void check_boxes() {
    for (const Sample& sample : set_.samples())
      for (const Label& label : sample.labels) {
        const Box whole{0, 0, static_cast<float>(sample.size.width), static_cast<float>(sample.size.height)};
        const Box& b = label.box_px;
        const float out = std::max({-b.x, -b.y, b.right() - whole.right(), b.bottom() - whole.bottom()});
        if (out > kMostOutside_px)
          add(false, place(sample),
              fmt::format("'{}' reaches {:.0f} px out of the picture", printable(label.category, 60), out),
              "draw boxes around what is to be seen; it is cut at the edge");
      }
  }

  void check_empty_pictures() {
    if (stats_.empty_pictures == 0) return;
    std::vector<std::string> names;
    for (const Sample& sample : set_.samples())
      if (sample.labels.empty() && names.size() < kMostNamed) names.push_back(printable(sample.name, 80));
    const bool one_each = set_.info().task == "classify" || set_.info().task == "digits";
    add(one_each, {},
        fmt::format("{} of {} pictures have no label, as {}", stats_.empty_pictures, stats_.pictures,
                    join(names, ", ")),
        one_each ? "label them, or remove them: they are not used"
                 : "right if nothing is to be seen there; else label them");
  }

  void check_labels() {
    std::size_t most = 0;
    std::string common;
    for (std::size_t i = 0; i < stats_.labels_in.size(); ++i)
      if (count(i) > most) most = count(i), common = set_.info().labels[i];
    for (std::size_t i = 0; i < stats_.labels_in.size(); ++i) {
      const std::string where = fmt::format("label '{}'", printable(set_.info().labels[i], 60));
      if (count(i) == 0)
        add(false, where, "has no example", "label some, or remove it from dataset.toml");
      else if (count(i) == 1)
        add(true, where, "has only one example, which can be learned from or measured with, but not both",
            "add examples, best ten or more");
      else if (count(i) < kFewExamples)
        add(false, where, fmt::format("has only {} examples", count(i)), "add some, best ten or more");
      else if (count(i) * kMostImbalance < most)
        add(false, where, fmt::format("has {} examples, and '{}' has {}", count(i), printable(common, 60), most),
            "add examples of the rare one");
      if (count(i) < 2) continue;
      for (const Split split : kSplits)
        if (stats_.labels_in[i][static_cast<std::size_t>(split)] == 0 && stats_.pictures_in[std::size_t(split)] > 0)
          add(split == Split::train, where, fmt::format("has no example in the split '{}'", name(split)),
              "add pictures of other places or times with it");
    }
  }

  void check_splits() {
    for (const Split split : kSplits)
      if (const auto places = set_.require_split(split); !places) {
        Error error = places.error();
        found_.push_back({true, std::move(error)});
      }
  }

  std::size_t count(std::size_t label) const {
    const auto& in = stats_.labels_in[label];
    return in[0] + in[1] + in[2];
  }

  const Dataset& set_;
  DatasetStats stats_;
  std::vector<Finding> found_, notes_;
};

}  // namespace

std::vector<Finding> check(const Dataset& set) {
  return Checker(set).run();
}

DatasetStats stats_of(const Dataset& set) {
  DatasetStats stats;
  stats.labels_in.resize(set.info().labels.size());
  std::set<std::string> groups;
  for (const Sample& sample : set.samples()) {
    const auto split = static_cast<std::size_t>(sample.split);
    ++stats.pictures;
    ++stats.pictures_in[split];
    stats.empty_pictures += sample.labels.empty() ? 1 : 0;
    stats.labels += sample.labels.size();
    if (!sample.group.empty()) groups.insert(sample.group);
    for (const Label& label : sample.labels)
      ++stats.labels_in[static_cast<std::size_t>(set.label_index(label.category))][split];
    for (const Attribute& attribute : sample.attributes) {
      if (const std::string* text = std::get_if<std::string>(&attribute.value); text && attribute.name != "group")
        ++stats.attributes[attribute.name][*text];
      else if (const bool* flag = std::get_if<bool>(&attribute.value))
        ++stats.attributes[attribute.name][*flag ? "yes" : "no"];
    }
  }
  stats.groups = groups.size();
  return stats;
}

}  // namespace perch::learn
