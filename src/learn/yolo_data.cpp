#include "learn/yolo_data.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "base/text.hpp"
#include "learn/label_file.hpp"

namespace perch::learn {

namespace {

constexpr int kMostKeypoints = 256;
constexpr std::size_t kMostNames = 100'000;
constexpr std::array<std::string_view, 3> kFolders{"train", "val", "test"};

bool is_quote(char c) {
  return c == '"' || c == '\'';
}

/// Where the quotes end that begin at `at`: the place of the closing one; npos: nowhere.
std::size_t closing_quote(std::string_view text, std::size_t at) {
  const char quote = text[at];
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\')
      ++i;
    else if (text[i] == quote && quote == '\'' && i + 1 < text.size() && text[i + 1] == '\'')
      ++i;
    else if (text[i] == quote)
      return i;
  }
  return std::string_view::npos;
}

/// Calls `each` with the place of every character that is not inside of quotes. Quotes begin where a value can.
template <class F>
void outside_quotes(std::string_view text, F each) {
  char before = ' ';
  for (std::size_t i = 0; i < text.size(); ++i) {
    constexpr std::string_view kBegins = " \t\n,[{:";
    const std::size_t end = is_quote(text[i]) && kBegins.find(before) != std::string_view::npos
                                ? closing_quote(text, i)
                                : std::string_view::npos;
    if (end != std::string_view::npos)
      i = end;
    else
      each(i);
    before = text[i];
  }
}

/// What stands between quotes, with its escapes undone.
std::string unquoted(std::string_view inside, char quote) {
  std::string out;
  for (std::size_t i = 0; i < inside.size(); ++i) {
    const char next = i + 1 < inside.size() ? inside[i + 1] : '\0';
    if (quote == '\'' && inside[i] == '\'' && next == '\'') {
      out += inside[++i];
    } else if (quote == '"' && inside[i] == '\\' && next != '\0') {
      constexpr std::string_view kLetters = "ntr", kMeant = "\n\t\r";
      const std::size_t letter = kLetters.find(next);
      const auto byte = next == 'x' ? parse_number<unsigned char>(inside.substr(i + 2, 2), 16) : std::nullopt;
      out += byte ? static_cast<char>(*byte) : letter != std::string_view::npos ? kMeant[letter] : next;
      i += byte ? 3 : 1;
    } else {
      out += inside[i];
    }
  }
  return out;
}

std::string in_quotes(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\')
      out += {'\\', c};
    else if (static_cast<unsigned char>(c) < ' ')
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    else
      out += c;
  }
  return '"' + out + '"';
}

/// The text without a comment at its end.
std::string_view without_comment(std::string_view text) {
  std::size_t end = text.size();
  outside_quotes(text, [&](std::size_t i) {
    if (text[i] == '#' && (i == 0 || text[i - 1] == ' ' || text[i - 1] == '\t')) end = std::min(end, i);
  });
  return trim(text.substr(0, end));
}

/// A value of YAML without its quotes and a comment after it.
std::string scalar(std::string_view text) {
  text = trim(text);
  if (!text.empty() && is_quote(text.front()))
    if (const std::size_t end = closing_quote(text, 0); end != std::string_view::npos)
      return unquoted(text.substr(1, end - 1), text.front());
  return std::string(without_comment(text));
}

/// The entries of `[a, 'b', "c"]` or `{0: a, 1: b}` as they are written; nothing when the brackets are not there.
std::optional<std::vector<std::string>> flow_entries(std::string_view text, char open, char close) {
  text = trim(text);
  if (text.empty() || text.front() != open) return std::nullopt;
  std::vector<std::string> out;
  std::size_t begin = 1, end = std::string_view::npos;
  outside_quotes(text, [&](std::size_t i) {
    if (end != std::string_view::npos || (text[i] != ',' && text[i] != close)) return;
    if (text[i] == close) end = i;
    if (const std::string_view entry = trim(text.substr(begin, i - begin)); !entry.empty() || text[i] == ',')
      out.emplace_back(entry);
    begin = i + 1;
  });
  return end == std::string_view::npos ? std::nullopt : std::optional(out);
}

/// Whether a list or a map in brackets begins in this value and does not end in it.
bool is_open(std::string_view value) {
  value = trim(value);
  if (value.empty() || (value.front() != '[' && value.front() != '{')) return false;
  return !flow_entries(value, value.front(), value.front() == '[' ? ']' : '}');
}

/// Takes `data.yaml` line by line.
class YamlReader {
 public:
  explicit YamlReader(std::string_view file) : file_(file) {}

  Result<YoloData> read(std::string_view yaml) {
    const std::vector<std::string> lines = split(without_bom(yaml), '\n');
    for (std::size_t i = 0; i < lines.size(); ++i) {
      line_ = i + 1;
      const std::string_view text = trim(lines[i]);
      if (text.empty() || text.front() == '#' || text == "---") continue;
      const bool inside = lines[i].front() == ' ' || lines[i].front() == '\t' || text.front() == '-';
      if (inside) {
        PERCH_CHECK(read_entry(text));
        continue;
      }
      const std::size_t colon = text.find(':');
      if (colon == std::string_view::npos)
        return refuse(fmt::format("'{}' is no 'key: value'", printable(text)), "correct the line");
      key_ = std::string(trim(text.substr(0, colon)));
      std::string value(without_comment(text.substr(colon + 1)));
      take_open_lines(lines, i, value);
      PERCH_CHECK(read_value(value));
    }
    if (data_.names.empty())
      return fail(Errc::invalid, "there are no 'names' of classes", file_, "write names: [car, person]");
    return std::move(data_);
  }

 private:
  tl::unexpected<Error> refuse(std::string what, std::string remedy) const {
    return fail(Errc::invalid, std::move(what), fmt::format("{}:{}", file_, line_), std::move(remedy));
  }

  /// Adds the lines behind `at` to a value that begins with a bracket, up to the one that closes it.
  static void take_open_lines(const std::vector<std::string>& lines, std::size_t& at, std::string& value) {
    if (!is_open(value)) return;
    const char close = value.front() == '[' ? ']' : '}';
    while (at + 1 < lines.size()) {
      value += fmt::format(" {}", without_comment(lines[++at]));
      if (lines[at].find(close) != std::string::npos && !is_open(value)) return;
    }
  }

  Result<void> read_value(const std::string& value) {
    if (const auto at = std::find(kFolders.begin(), kFolders.end(), key_); at != kFolders.end()) {
      if (!value.empty() && value.front() == '[') return refuse_list();
      data_.folders[static_cast<std::size_t>(at - kFolders.begin())] = scalar(value);
    } else if (key_ == "path") {
      data_.path = scalar(value);
    } else if (key_ == "names" && !value.empty()) {
      return read_names(value);
    } else if (key_ == "kpt_shape") {
      return read_keypoints(value);
    }
    return {};
  }

  tl::unexpected<Error> refuse_list() const {
    return refuse(fmt::format("'{}' is a list, and only one folder can be read", key_),
                  "import the folders one by one");
  }

  Result<void> read_names(const std::string& value) {
    if (const auto numbered = flow_entries(value, '{', '}')) {
      for (const std::string& entry : *numbered) PERCH_CHECK(read_numbered(entry));
      return {};
    }
    const auto names = flow_entries(value, '[', ']');
    if (!names) return refuse("'names' is no list", "write names: [car, person]");
    for (const std::string& name : *names) PERCH_CHECK(add_name(scalar(name)));
    return {};
  }

  Result<void> read_keypoints(const std::string& value) {
    const auto shape = flow_entries(value, '[', ']');
    const auto points = shape && shape->size() == 2 ? parse_number<int>((*shape)[0]) : std::nullopt;
    const auto numbers = points ? parse_number<int>((*shape)[1]) : std::nullopt;
    if (!numbers || *points < 1 || *points > kMostKeypoints || *numbers < 2 || *numbers > 3)
      return refuse("'kpt_shape' is not [points, 2 or 3]", "write kpt_shape: [17, 3]");
    data_.keypoints = *points;
    data_.numbers_a_keypoint = *numbers;
    return {};
  }

  /// A line below a key: only those of `names` matter, and that folders are no list.
  Result<void> read_entry(std::string_view text) {
    if (text.front() == '-' && std::find(kFolders.begin(), kFolders.end(), key_) != kFolders.end())
      return refuse_list();
    if (key_ != "names") return {};
    if (text.front() == '-') return add_name(scalar(text.substr(1)));
    return read_numbered(text);
  }

  /// `3: car`, which must be the next.
  Result<void> read_numbered(std::string_view text) {
    const std::size_t colon = std::min(text.find(':'), text.size());
    const auto place = parse_number<std::size_t>(trim(text.substr(0, colon)));
    if (!place || *place != data_.names.size() || colon == text.size())
      return refuse(fmt::format("the classes are not numbered 0, 1, 2, … ('{}')", printable(text)),
                    "number them in order");
    return add_name(scalar(text.substr(colon + 1)));
  }

  Result<void> add_name(std::string name) {
    if (name.empty())
      return refuse(fmt::format("the class {} has no name", data_.names.size()), "give every class its name");
    if (!known_.insert(name).second)
      return refuse(fmt::format("two classes are named '{}'", printable(name, 60)),
                    "give every class a name of its own");
    data_.names.push_back(std::move(name));
    if (data_.names.size() > kMostNames) return refuse("there are too many classes", "is this the right file?");
    return {};
  }

  std::string file_;
  YoloData data_;
  std::set<std::string> known_;  ///< the names so far
  std::string key_;
  std::size_t line_ = 0;
};

}  // namespace

Result<YoloData> parse_yolo_data(std::string_view yaml, std::string_view file) {
  return YamlReader(file).read(yaml);
}

std::string to_yaml(const YoloData& data) {
  std::string out;
  if (!data.path.empty()) out += fmt::format("path: {}\n", data.path);
  for (std::size_t i = 0; i < kFolders.size(); ++i)
    if (!data.folders[i].empty()) out += fmt::format("{}: {}\n", kFolders[i], data.folders[i]);
  if (data.keypoints > 0) out += fmt::format("kpt_shape: [{}, {}]\n", data.keypoints, data.numbers_a_keypoint);
  out += "names:\n";
  for (std::size_t i = 0; i < data.names.size(); ++i) out += fmt::format("  {}: {}\n", i, in_quotes(data.names[i]));
  return out;
}

}  // namespace perch::learn
