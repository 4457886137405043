#!/bin/sh
# Tests of the release, on the clone that the run made: exit code 0 if all of them pass. JUnit goes to out/shop-test.xml.
set -u
out=out/shop-test.xml
mkdir -p out
rm -f "$out"

client=$(command -v mariadb || command -v mysql) || { echo "there is no client: install mariadb-client or mysql-client" >&2; exit 2; }

# Address, user and password stand in a file that only this user may read, so that no process list shows them.
sql() { "$client" --defaults-file="$AUREWIND_MYSQL_CNF" --batch --skip-column-names "$DB_NAME" -e "$1"; }

failed=0
count=0
cases=

# check NAME SQL WANTED: whether the SQL answers what is wanted.
check() {
  count=$((count + 1))
  if got=$(sql "$2" 2>&1) && [ "$got" = "$3" ]; then
    echo "ok    $1"
    cases="$cases<testcase classname=\"shop\" name=\"$1\"/>"
  else
    failed=$((failed + 1))
    echo "FAIL  $1: wanted $3, got $got"
    cases="$cases<testcase classname=\"shop\" name=\"$1\"><failure message=\"not as wanted\"/></testcase>"
  fi
}

echo "round ${AUREWIND_ATTEMPT:-1} on $AUREWIND_CLONE"
check "no customer can be recognised" "SELECT COUNT(*) FROM customers WHERE email NOT LIKE '%@masked.invalid'" 0
check "every order has the total of its lines" \
  "SELECT COUNT(*) FROM orders o LEFT JOIN order_totals t ON t.order_id = o.id WHERE o.total <> COALESCE(t.total, 0)" 0
# Fails where an earlier round left its customer behind: the rewind has to take it away.
check "no earlier round left anything" "SELECT COUNT(*) FROM customers WHERE email = 'round@masked.invalid'" 0
sql "INSERT INTO customers (name, email, city, joined) VALUES ('Round', 'round@masked.invalid', 'Nowhere', NOW());
     INSERT INTO orders (customer_id, placed) VALUES (LAST_INSERT_ID(), NOW());
     INSERT INTO order_lines (order_id, product_id, quantity) VALUES (LAST_INSERT_ID(), 1, 3);" || failed=$((failed + 1))
check "a new order gets its total" \
  "SELECT COUNT(*) FROM orders o JOIN customers c ON c.id = o.customer_id JOIN products p ON p.id = 1
   WHERE c.email = 'round@masked.invalid' AND o.total = 3 * p.price" 1
# A test that needs a second try, so that the example shows a rewind: take these lines away, and the first round passes.
check "it is the second round at least" "SELECT ${AUREWIND_ATTEMPT:-1} > 1" 1

printf '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites><testsuite name="shop" tests="%s" failures="%s">%s</testsuite></testsuites>\n' \
  "$count" "$failed" "$cases" > "$out"
[ "$failed" -eq 0 ]
