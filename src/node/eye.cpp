#include "node/eye.hpp"

#include <cmath>
#include <vector>

#include "base/file.hpp"
#include "base/folder.hpp"
#include "image/codec.hpp"
#include "video/clip.hpp"

namespace perch::node {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostPictureBytes = 64'000'000;

class FolderEye final : public Eye {
 public:
  FolderEye(std::vector<fs::path> files, double period_s) : files_(std::move(files)), period_s_(period_s) {}

  Result<void> look(double t_s, Sight& out) override {
    const auto turn = static_cast<std::size_t>(std::floor(t_s / period_s_));
    const fs::path& file = files_[turn % files_.size()];
    if (const Result<void> seen = show(file, out); !seen) return fail(seen.error().at(file.string()));
    return {};
  }

  int loop_length() const override { return static_cast<int>(files_.size()); }

 private:
  Result<void> show(const fs::path& file, Sight& out) {
    PERCH_TRY(Bytes bytes, read_file(file, kMostPictureBytes));
    PERCH_TRY(const image::PictureInfo info, decoder_.probe(bytes));
    PERCH_CHECK(decoder_.decode(bytes, out.picture));
    out.jpeg = info.format == image::Format::jpeg ? SharedBytes(std::move(bytes)) : SharedBytes();
    return {};
  }

  std::vector<fs::path> files_;
  double period_s_;
  image::PictureDecoder decoder_;
};

class ClipEye final : public Eye {
 public:
  ClipEye(fs::path file, video::ClipReader reader) : file_(std::move(file)), reader_(std::move(reader)) {}

  Result<void> look(double t_s, Sight& out) override {
    const auto frame = reader_.next(out.picture, t_s - began_s_);
    if (frame) return {};
    if (frame.error().code != Errc::eof) return fail(frame.error());
    PERCH_TRY(reader_, video::ClipReader::open(file_));
    began_s_ = t_s;
    const auto first = reader_.next(out.picture);
    if (!first) return fail(first.error());
    return {};
  }

 private:
  fs::path file_;
  video::ClipReader reader_;
  double began_s_ = 0;
};

}  // namespace

Result<std::unique_ptr<Eye>> folder_eye(const fs::path& folder, double period_s) {
  PERCH_TRY(std::vector<fs::path> files, list_files(folder, &image::is_picture_name));
  if (files.empty())
    return fail(Errc::not_found, "no picture in this folder", folder.string(), "it takes JPEG and PNG");
  return std::make_unique<FolderEye>(std::move(files), period_s);
}

Result<std::unique_ptr<Eye>> clip_eye(const fs::path& file) {
  PERCH_TRY(video::ClipReader reader, video::ClipReader::open(file));
  return std::make_unique<ClipEye>(file, std::move(reader));
}

}  // namespace perch::node
