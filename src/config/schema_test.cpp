#include "config/schema.hpp"

#include <doctest/doctest.h>

#include "config/field.hpp"
#include "config/reference.hpp"

using namespace perch::config;
using namespace std::chrono_literals;

namespace {

enum class Fit : std::uint8_t { stretch, letterbox };

struct Task {
  std::string name;
  Component analysis;
};

struct Config {
  std::string device;
  int count = 3;
  double ratio = 0.5;
  bool loud = false;
  perch::Milliseconds every{1000};
  ByteSize limit{1000};
  Fit fit = Fit::letterbox;
  std::vector<double> mean;
  std::vector<Task> tasks;
};

}  // namespace

template <>
struct perch::config::EnumNames<Fit> {
  static constexpr std::array<std::string_view, 2> names{"stretch", "letterbox"};
};

namespace {

constexpr auto kTask = fields<Task>(field("name", &Task::name).required().at_least(1).help("its name"),
                                    field("analysis", &Task::analysis).required().category("analysis"));
constexpr auto kFields = fields<Config>(
    field("device", &Config::device).help("letters | digits"), field("count", &Config::count).range(1, 10).unit("px"),
    field("ratio", &Config::ratio).range(0.0, 0.001), field("loud", &Config::loud),
    field("every", &Config::every).range(10ms, 24h).help("how often"), field("limit", &Config::limit),
    field("fit", &Config::fit), field("mean", &Config::mean).range(0, 3),
    field("task", &Config::tasks, kTask).help("what to find out"));

struct Count {
  std::string label;
};

constexpr auto kCount = fields<Count>(field("label", &Count::label).required());

std::vector<ComponentSpec> catalogue(std::string_view category) {
  if (category != "analysis") return {};
  return {{"count", "Counts.", kCount.spec()}, {"hottest", "", {}}};
}

}  // namespace

TEST_CASE("a schema says of each key what the reader of the file accepts") {
  CHECK(json_schema(kFields.spec(), "a.toml", catalogue) == R"json({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "a.toml",
  "type": "object",
  "properties": {
    "device": {
      "description": "letters | digits",
      "type": "string"
    },
    "count": {
      "description": "px",
      "type": "integer",
      "minimum": 1,
      "maximum": 10,
      "default": 3
    },
    "ratio": {
      "type": "number",
      "minimum": 0,
      "maximum": 0.001,
      "default": 0.5
    },
    "loud": {
      "type": "boolean",
      "default": false
    },
    "every": {
      "description": "how often (10ms to 1d)",
      "type": "string",
      "pattern": "^([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?\\s*(ns|us|ms|s|min|m|h|d)\\s*$",
      "default": "1s"
    },
    "limit": {
      "type": "string",
      "pattern": "^([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?\\s*(B|[kK]B|[MGT]B|[KMGT]iB)\\s*$",
      "default": "1kB"
    },
    "fit": {
      "enum": [
        "stretch",
        "letterbox"
      ],
      "default": "letterbox"
    },
    "mean": {
      "type": "array",
      "minItems": 0,
      "maxItems": 3,
      "items": {
        "type": "number"
      },
      "default": []
    },
    "task": {
      "description": "what to find out",
      "type": "array",
      "items": {
        "type": "object",
        "properties": {
          "name": {
            "description": "its name",
            "type": "string",
            "minLength": 1
          },
          "analysis": {
            "$ref": "#/$defs/analysis"
          }
        },
        "required": [
          "name",
          "analysis"
        ],
        "additionalProperties": false
      },
      "default": []
    }
  },
  "additionalProperties": false,
  "$defs": {
    "analysis": {
      "oneOf": [
        {
          "$ref": "#/$defs/analysis.count"
        },
        {
          "$ref": "#/$defs/analysis.hottest"
        }
      ]
    },
    "analysis.count": {
      "title": "count",
      "description": "Counts.",
      "type": "object",
      "properties": {
        "kind": {
          "const": "count"
        },
        "label": {
          "type": "string"
        }
      },
      "required": [
        "kind",
        "label"
      ],
      "additionalProperties": false
    },
    "analysis.hottest": {
      "title": "hottest",
      "type": "object",
      "properties": {
        "kind": {
          "const": "hottest"
        }
      },
      "required": [
        "kind"
      ],
      "additionalProperties": false
    }
  }
})json");
}

TEST_CASE("where a program has no component of a category, the schema accepts none") {
  const std::string schema =
      json_schema(kTask.spec(), "", [](std::string_view) { return std::vector<ComponentSpec>(); });
  CHECK(schema.find(R"("analysis": {
      "description": "this program has no analysis",
      "not": {}
    })") != std::string::npos);
}

TEST_CASE("a schema follows the categories that components refer to") {
  const auto nested = [](std::string_view category) -> std::vector<ComponentSpec> {
    if (category == "analysis")
      return {{"outer", "", {{"within", FieldType::component, "", "", false, {}, {}, {}, "", {}, {}, "decoder"}}}};
    return {{"inner", "", {}}};
  };
  const std::string schema = json_schema(kTask.spec(), "", nested);
  CHECK(schema.find("\"decoder.inner\": {") != std::string::npos);
}

TEST_CASE("a reference is a table a table, with the nested ones below") {
  CHECK(reference_text(kFields.spec(), "", 3) ==
        R"(| key | type | default | allowed | what it is for |
|---|---|---|---|---|
| `device` | string |  |  | letters \| digits |
| `count` | whole number | `3` | 1 to 10 px |  |
| `ratio` | number | `0.5` | 0 to 0.001 |  |
| `loud` | true or false | `false` |  |  |
| `every` | duration | `"1s"` | 10ms to 1d | how often |
| `limit` | size | `"1kB"` |  |  |
| `fit` | `"stretch"`, `"letterbox"` | `"letterbox"` |  |  |
| `mean` | list of numbers | `[]` | 0 to 3 entries |  |
| `task` | list of tables |  |  | what to find out |

### `[[task]]`

What to find out.

| key | type | default | allowed | what it is for |
|---|---|---|---|---|
| `name` | string | **required** | not empty | its name |
| `analysis` | table with a `kind` of analysis | **required** |  |  |
)");
  CHECK(reference_text({}, "", 3) == "No keys.\n");
}
