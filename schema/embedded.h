// The files of schema/ that are compiled into the program.
#pragma once

#include <string_view>
#include <vector>

namespace runledger::embedded {

extern const std::string_view kCatalogJson;  // schema/catalog.json: the built-in types.
extern const std::string_view kOpenApiJson;  // schema/openapi.json: the HTTP interface, as OpenAPI 3.1.

// schema/demo_tables.sql: the tables that `runledger seed` fills.
extern const std::string_view kDemoTablesSql;

struct Migration {
  int number;             // 1, 2, 3 …
  std::string_view name;  // "0001_operation_runs"
  std::string_view sql;
};

// Returns the files schema/postgres/NNNN_*.sql, ordered by number. Any thread may call it.
const std::vector<Migration>& migrations();

}  // namespace runledger::embedded
