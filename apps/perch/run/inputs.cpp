#include "run/inputs.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <system_error>

#include <fmt/format.h>

#include "base/folder.hpp"
#include "image/codec.hpp"
#include "video/clip.hpp"
#include "video/grid_reader.hpp"

namespace perch::cli {

namespace {

namespace fs = std::filesystem;

bool is_url(const std::string& argument) {
  return argument.find("://") != std::string::npos;
}

/// A name for a URL's annotated picture: its last path segment without the query.
fs::path name_of_url(const std::string& url) {
  const std::string address = url.substr(0, url.find_first_of("?#"));
  const fs::path name = fs::path(address).filename();
  return name.empty() || name.string().find(':') != std::string::npos ? fs::path("picture") : name;
}

Input broken(const std::string& file, Error error) {
  return {Input::Kind::broken, file, {}, std::move(error)};
}

/// Why a path cannot be looked at.
Error unreadable(const std::error_code& error) {
  if (error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory)
    return {Errc::not_found, "there is no such file or folder", {}, "check the path"};
  if (error == std::errc::permission_denied) return {Errc::denied, "may not be read", {}, "check its permissions"};
  return {Errc::io, "cannot be read: " + error.message(), {}, {}};
}

void add_folder(const std::string& argument, bool thermal, std::vector<Input>& inputs) {
  const FolderFiles found =
      find_files(argument, thermal ? &video::looks_like_grids : &image::is_picture_name, Depth::deep);
  for (const Error& error : found.unread)
    inputs.push_back(broken(error.where, {error.code, error.what, {}, error.remedy}));
  if (found.files.empty() && found.unread.empty()) {
    const char* what = thermal ? "there is no recording of temperatures (.raw) in this folder"
                               : "there is no JPEG or PNG in this folder";
    inputs.push_back(broken(argument, {Errc::not_found, what, {}, {}}));
    return;
  }
  for (const fs::path& path : found.files)
    inputs.push_back(
        {thermal ? Input::Kind::grids : Input::Kind::picture, path.string(), path.lexically_relative(argument), {}});
}

bool has_frames(const Input& input) {
  return input.kind == Input::Kind::clip || input.kind == Input::Kind::grids;
}

/// Whether an annotated frame of one of these clips may be called so: `NAME-000042`.
bool is_frame_of(const std::set<fs::path>& clips, const std::string& name) {
  constexpr std::size_t kLeastDigits = 6;
  const std::size_t end = name.find_last_not_of("0123456789");
  return end != std::string::npos && name[end] == '-' && name.size() - end > kLeastDigits &&
         clips.contains(name.substr(0, end));
}

/// Names of their own for what is written about inputs. A clip's come first: each stands for all of its frames.
void tell_apart(std::vector<Input>& inputs) {
  std::set<fs::path> clips, pictures;  // without extensions: what is written about them has another
  std::map<fs::path, int> alike;
  const auto rename = [&](Input& input, const auto& take) {
    const fs::path extension = input.relative.extension();
    const fs::path name = fs::path(input.relative).replace_extension();
    fs::path own = name;
    while (!take(own)) own = fs::path(name).concat(fmt::format("-{}", ++alike[name] + 1));
    input.relative = own.concat(extension.string());
  };
  for (Input& input : inputs)
    if (has_frames(input)) rename(input, [&](const fs::path& own) { return clips.insert(own).second; });
  for (Input& input : inputs)
    if (!has_frames(input) && !input.relative.empty())
      rename(input,
             [&](const fs::path& own) { return !is_frame_of(clips, own.string()) && pictures.insert(own).second; });
}

}  // namespace

std::vector<Input> resolve_inputs(const std::vector<std::string>& arguments, bool thermal) {
  std::vector<Input> inputs;
  for (const std::string& argument : arguments) {
    if (is_url(argument)) {
      inputs.push_back({Input::Kind::url, argument, name_of_url(argument), {}});
      continue;
    }
    std::error_code error;
    const fs::file_status status = fs::status(argument, error);
    if (fs::is_directory(status)) {
      add_folder(argument, thermal, inputs);
    } else if (!fs::exists(status)) {
      inputs.push_back(broken(argument, unreadable(error)));
    } else {
      const auto kind = video::looks_like_clip(argument)    ? Input::Kind::clip
                        : video::looks_like_grids(argument) ? Input::Kind::grids
                                                            : Input::Kind::picture;
      inputs.push_back({kind, argument, fs::path(argument).filename(), {}});
    }
  }
  tell_apart(inputs);
  return inputs;
}

}  // namespace perch::cli
