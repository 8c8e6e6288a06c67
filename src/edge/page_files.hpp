#pragma once
#include <string_view>
#include <vector>

namespace perch::edge {

/// A file of `web/first` that is built into the program.
struct PageFile {
  std::string_view name;  ///< `page.js`
  std::string_view type;  ///< its media type
  std::string_view text;
};

/// All of them, by name. Generated.
const std::vector<PageFile>& page_files();

}  // namespace perch::edge
