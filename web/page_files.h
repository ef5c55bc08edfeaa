// The files of the page that people look at, bundled and compressed by the build, as bytes in the program.
#pragma once

#include <string_view>
#include <vector>

namespace runledger::embedded {

struct PageFile {
  std::string_view name;  // As in the address, after "/ui/". Empty: the document that loads all others.
  std::string_view content_type;
  std::string_view tag;  // A hash of the content. It is part of the name of every file but the document.
  std::string_view plain;
  std::string_view gzip;
};

[[nodiscard]] const std::vector<PageFile>& page_files();

}  // namespace runledger::embedded
