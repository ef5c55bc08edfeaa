// The files of schema/ that the program carries inside itself.
#pragma once

#include <string_view>
#include <vector>

namespace runledger::embedded {

extern const std::string_view kCatalogJson;
extern const std::string_view kOpenApiJson;  // schema/openapi.json: the HTTP interface, as OpenAPI 3.1.

// schema/demo_tables.sql: the tables of runledger seed.
extern const std::string_view kDemoTablesSql;

struct Migration {
  int number;             // 1, 2, 3 …
  std::string_view name;  // "0001_operation_runs"
  std::string_view sql;
};

// schema/postgres/NNNN_*.sql, by number.
const std::vector<Migration>& migrations();

}  // namespace runledger::embedded
