#pragma once
#include <string>
#include <string_view>

/// JSON as text, appended piece by piece: for lines that programs read many of, where building a document first would
/// cost more than the line. Reading JSON is Boost.JSON's work.
namespace perch::json {

/// Appends a string with its quotes. Bytes that are not UTF-8 become U+FFFD, so the line is always valid JSON.
void append_string(std::string& out, std::string_view text);

/// Appends a number with at most `decimals` places, without trailing zeros. What JSON cannot say (NaN, infinities)
/// becomes `null`.
void append_number(std::string& out, double value, int decimals);

/// Appends the shortest text that reads back as the same number, with a fraction or an exponent, so that a reader can
/// tell it from an integer. NaN and infinities become `null`.
void append_exact(std::string& out, double value);

/// Writes objects and arrays in order and sets the commas. The caller closes what it opens.
class Writer {
 public:
  /// @param indent  spaces a level, one member a line, for texts that people read too; 0: all on one line
  explicit Writer(int indent = 0) : indent_(indent) {}

  Writer& begin_object() { return open('{'); }

  Writer& end_object() { return close('}'); }

  Writer& begin_array() { return open('['); }

  Writer& end_array() { return close(']'); }

  /// The key of the value that follows.
  Writer& key(std::string_view name);
  Writer& string(std::string_view text);
  Writer& number(double value, int decimals);
  /// As `append_exact`.
  Writer& exact(double value);
  Writer& integer(std::int64_t value);
  Writer& boolean(bool value);
  Writer& null();
  /// A value that is JSON already, on one line.
  Writer& raw(std::string_view json);

  const std::string& text() const { return text_; }

  /// Starts anew; keeps memory.
  void clear();

 private:
  Writer& open(char bracket);
  Writer& close(char bracket);
  void separate();
  void new_line();

  std::string text_;
  int indent_;
  int depth_ = 0;
  bool first_ = true;  ///< of its object or array, so no comma stands before it
  bool keyed_ = false;
};

}  // namespace perch::json
