#!/bin/sh
# What is kept of the clone for later: how large its tables are.
set -eu
[ -n "${AUREWIND_MYSQL_CNF:-}" ] || { echo "there is no clone to look at"; exit 0; }
client=$(command -v mariadb || command -v mysql)
"$client" --defaults-file="$AUREWIND_MYSQL_CNF" --table "$DB_NAME" -e "
  SELECT table_name, table_rows, ROUND((data_length + index_length) / 1048576, 1) AS mib
  FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY table_name" | tee "$AUREWIND_REPORT_DIR/tables.txt"
