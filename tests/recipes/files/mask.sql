UPDATE customers SET name = CONCAT('customer ', id);
